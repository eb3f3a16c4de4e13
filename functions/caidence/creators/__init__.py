"""The roster: the creators that an organization knows, works with, or has worked with.

Access patterns (key → query)
    a creator by id                           ORG#<id>#CREATORS / <id>, through `access.rows`   GetItem
    an organization's creators; all of them   ORG#<id>#CREATORS, GSI1 CREATORS                  Query, counted
    an organization's of one status           GSI2 ORG#<id>#CREATORS#<status>                   Query, counted
    a brand's of one status                   GSI3 BRAND#<id>#CREATORS#<status>                 Query, counted
    a brand's of any status                   the three of GSI3, merged                         3 Queries, 1 batch
    all of one status, for super admins       CREATORS#<status> / <id>, then the creators       Query, counted; 1 batch
    whose a handle is in an organization      ORG#<id>#HANDLE#<platform>#<handle> / HANDLE      conditional put
"""
