"""Conversation: replies, feelings in words, how people speak, and what to suggest unasked."""
