"""Who may do what: roles, overrides, assignments, the callers that handlers ask for, and the log of every change.

Access patterns (key → query)
    caller, their grants and all roles      USER#<id> / USER, USER#<id> / GRANTS, ROLES / CATALOGUE   one BatchGetItem
    an override by its id                   GSI1 USERS / <its first 28 characters>, GRANTS            Query, GetItem
    who has a role: everywhere, in a scope  GSI3 USERS#<role>#<approved>, GSI1 HOLDERS#<role>         counted
    how many roots there are                ROOTS / ROOTS                                             condition
    the log, newest first                   GSI1 AUDIT                                                Query, counted
    of an action; of a family               GSI2 AUDIT#ACTION#<action>; merged                        Query, counted
    about a user                            AUDIT#<user>:changes and :other, merged                   counted in GRANTS
    about a user, of an action or a family  GSI3 AUDIT#USER#<user>#ACTION#<action>; merged            counted in GRANTS
    a user's rights as of a moment          AUDIT#<user>:changes, folded from the last whole state    Query
    the roles as of a moment                ROLES#EDITIONS / <moment>                                 Query, one item
"""
