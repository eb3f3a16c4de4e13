"""Who may do what: permissions, roles, the callers that handlers ask for, and every change of an account's rights.

Access patterns (key → query)
    the caller, with roles and overrides      USER#<id> / USER                          GetItem (people)
    the custom roles that a caller holds      ROLE#<id> / ROLE                          BatchGetItem, where any
    whose a role's name is                    ROLE-NAME#<name> / ROLE                   GetItem
    all custom roles                          GSI1 ROLES                                Query, counted
    who holds a role                          GSI1, GSI2 HOLDERS#<role>                 Query, counted
    how many lasting administrators there are ADMINS / ADMINS                           condition

Personal data: USER#<id> / HOLDS#<role>.
"""
