"""Campaigns: what brands look for influencers with."""
