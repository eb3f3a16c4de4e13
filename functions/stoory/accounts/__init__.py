"""Accounts: who may sign in, by phone or by e-mail, and the tokens and codes that prove it."""
