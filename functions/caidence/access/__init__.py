"""Who may do what: roles, overrides, assignments, the callers that handlers ask for, and the log of every change.

Access patterns (key → query)
    caller, their grants and all roles     USER#<id> / USER, USER#<id> / GRANTS, ROLES / CATALOGUE   one BatchGetItem
    whose an override is                   OVERRIDE#<id> / OVERRIDE                                  GetItem
    the log, newest first; by action, by family of actions, by user                                  Query, counted
    a user's grants as of a moment         the log's events of that user, folded                     Query
"""
