"""Applications of influencers to campaigns."""
