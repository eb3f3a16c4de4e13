"""Stoory: a marketplace where brands and influencers find each other, work together and settle."""
