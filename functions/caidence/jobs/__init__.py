"""Background jobs as callers see them: enqueued, asked after, and the operations that keep them going.

Access patterns (key → query)
    a job of the caller's organization      JOBS#<organization or account> / <id>        GetItem
    any job by its id, for super admins     GSI1 JOB#<id>                                Query
    jobs to be looked after                 GSI2 JOBS#DUE#<lane> / <due>                 Query, four lanes
    jobs that wait, or are worked on        GSI3 JOBS#<status>                           counted
    what was given up of late               METER#jobs_given_up#<day>                    BatchGetItem
"""
