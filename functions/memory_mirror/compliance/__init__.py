"""Compliance: the audit log read, and entries that clients add to it.

Access patterns. Those of `audit`.
"""
