"""Storefront's entities and rules: plain models and pure functions, no AWS call among them."""
