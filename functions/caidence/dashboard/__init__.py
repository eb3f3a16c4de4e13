"""The dashboard: what there is and what happened lately, for everybody who has an account.

Access patterns (key → query)
    activities                                through `activity.log`                                Query, counted
    campaigns, the newest active one          CAMPAIGNS, GSI2 and GSI3 by status                    Query, counted
    workflows, content                        counters of ORG#<id>#WORKFLOWS, ORG#<id>#CONTENT      2 Queries
    a user's own conversations                the counter of GSI1 CHATS#<user>#LATEST               Query
    figures                                   through `campaigns.figures`                           batches
"""
