"""The caller's own account with all that belongs to it: profile, wallet, subscription.

It stands above the domains it shows and has no items of its own: one round trip to the table, two for a brand with a
subscription.
"""
