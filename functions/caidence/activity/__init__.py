"""What people did, as the activity list of a dashboard tells it.

Access patterns (key → query)
    activities of an organization             ACTIVITIES#<organization> / <id>          Query, counted
    of somebody who belongs to none           ACTIVITIES#<user> / <id>                  Query, counted
    of all, for super admins                  GSI1 ACTIVITIES / <id>                    Query, counted
"""
