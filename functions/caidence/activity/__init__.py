"""What people did, as the activity list of a dashboard tells it.

Access patterns (key → query)
    activities of an organization             ACTIVITIES#<organization> / <id>          Query, counted
    of somebody who belongs to none           ACTIVITIES#<user> / <id>                  Query, counted
    of all, for super admins                  GSI1 ACTIVITIES / <id>                    Query, counted
    those about some resources alone          GSI2 ACTIVITIES#<organization>#<resource> merged Queries, 1 batch
    of all about some resources alone         GSI3 ACTIVITIES#ABOUT#<resource>          merged Queries, 1 batch
"""
