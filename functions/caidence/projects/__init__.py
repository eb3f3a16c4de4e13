"""Projects: what an organization plans, written down by its people or by the agent.

Access patterns (key → query)
    projects of an organization               PROJECTS#<organization> / <id>            Query, counted
    of somebody who belongs to none           PROJECTS#<user> / <id>                    Query, counted
    of all, for super admins                  GSI1 PROJECTS / <id>                      Query, counted
"""
