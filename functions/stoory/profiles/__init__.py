"""Profiles: what influencers and brands say of themselves.

Access patterns:
    an account's profile                   USER#<user> / PROFILE
"""
