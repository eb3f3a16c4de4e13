"""Who and where: users, organizations, brands and teams, on which every other domain stands.

Access patterns (key → query)
    a user, with the sign-in epoch            USER#<id> / USER                          GetItem
    what a user was granted                   USER#<id> / GRANTS                        GetItem, beside the user
    whose an e-mail address is                EMAIL#<email> / EMAIL                     GetItem
    all users, an organization's users        GSI1 USERS, GSI2 ORG#<id>#USERS           Query, counted
    users by role and approval                GSI3 USERS#<role>#<is_approved>           Query, counted; merged for one
    an organization, a brand of one, a team   ORGS / <id>, ORG#<id>#BRANDS / <id>, ORG#<id>#TEAMS / <id>
    organizations by tier and activity        GSI1 ORGS#<plan_tier>#<is_active>         Query, counted
    a user's own teams                        USER#<id> / TEAMS#<organization>          GetItem
    a row by its id alone, for super admins   GSI1 <KIND> / <id>                        Query
    whose a slug is                           SLUG#<kind>#<slug> / SLUG                 GetItem
"""
