"""A system whose callers have tiers."""
