"""Storefront: an online shop with accounts, a catalogue, carts, orders and role-based administration."""
