"""The caller's own account with all that belongs to it."""
