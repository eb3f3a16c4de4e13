"""Roles and permissions: making roles, giving and taking them, overrides, and the report of who may do what.

Access patterns (key → query)
    all custom roles, a hundred at most        GSI1 ROLES                                    Query
    a role, a name's role                      ROLE#<id> / ROLE, ROLE-NAME#<name> / ROLE     GetItem (access)
    how many hold each role of a page          counters of GSI1, GSI2 HOLDERS#<role>         one BatchGetItem
    accounts of a report                       GSI1 USERS                                    Query (people)
    accounts of which something ends           GSI3 PEOPLE-DUE                               Query, ascending (people)

Personal data: none of its own.
"""
