"""The trail: what was done by whom, entered in the transaction that does it. Reading it is the domain `audit`'s.

Access patterns (key → query)
    an entry by its id                   AUDIT#<id> / ENTRY                           GetItem
    all entries, newest first            GSI1 AUDIT                                   Query, counted
"""
