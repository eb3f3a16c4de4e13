"""The caller's own account with all that belongs to it: profile, wallet, subscription.

Access patterns: none of its own, it stands above the domains it shows. One round trip to the table, two for a brand
with a subscription.
"""
