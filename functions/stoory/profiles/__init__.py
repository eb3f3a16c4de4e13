"""Profiles: what influencers and brands say of themselves."""
