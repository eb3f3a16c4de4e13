"""Reports for whoever answers for data protection and security, computed from what is stored and configured.

Access patterns (key → query)
    the last count of all accounts, and the one under way   CENSUS / CENSUS                      GetItem, condition
    all accounts, for the count                             GSI1 USERS                           Query, a piece a run
    administrators                                          GSI2 USERS#admin#active              Query, 500 at most
    erasures under way                                      ERASURES / <id>                      Query (privacy)
    reports that await a decision                           counters of GSI2 REPORTS#pending#…   BatchGetItem
    sign-ins that were refused, in a range of time          AUDIT#LIST#K|auth.login_refused…     four Queries of a row

How many accounts have a property that no list has is counted by the clock, a piece a run, and shown with the time of
the count; where there are few accounts they are counted when the report is asked for.

Personal data: none. A count under way remembers where in the list of accounts it is, until it is complete.
"""
