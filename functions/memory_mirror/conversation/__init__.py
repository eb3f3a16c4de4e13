"""Conversation: replies, feelings in words, how people speak, and what to suggest unasked.

Access patterns:
    the last suggestions of a subject    SUBJECT#<subject>#Suggested / LAST
beside those of `life`.
"""
