"""The audit: one hash chain per subject, and the noting of what every operation reads and writes.

Access patterns:
    the end of a subject's chain           AUDIT#<subject> / HEAD
    a subject's events, newest first       AUDIT#<subject> / E<seq>
    chains with events not yet verified    GSI3 AUDIT-UNVERIFIED / <since>#<subject>, oldest first
It stands beneath the face, which puts it around every operation: it knows neither callers nor records.
"""
