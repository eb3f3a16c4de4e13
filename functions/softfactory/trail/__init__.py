"""The trail: what was done by whom, entered in the transaction that does it. Reading it is the domain `audit`'s.

Access patterns (key → query)
    entries that the audit has not taken in      AUDIT#PENDING / <id>           Query, consistent, oldest first

Personal data: what stands there, for a minute at most; `audit.erasure.erase_subject` has it taken in before it erases.
"""
