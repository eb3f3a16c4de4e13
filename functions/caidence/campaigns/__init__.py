"""Campaigns: their lives, the influencers in them, their events, and the figures that are kept with every event.

Access patterns (key → query)
    a campaign, an organization's, all        through `access.rows`, of CAMPAIGNS                  GetItem, Query
    an organization's of one status, all      GSI2 ORG#<id>#CAMPAIGNS#<status>, GSI3 CAMPAIGNS#…   Query, counted
    who has a handle in an organization       ORG#<id>#INFLUENCER#<handle> / HANDLE                GetItem
    in which organizations a handle is        GSI1 HANDLE#<handle> / <organization>                Query
    an organization's influencers, all        ORG#<id>#INFLUENCERS, GSI1 INFLUENCERS               Query, counted
    who is in a campaign                      CAMPAIGN#<id>#INFLUENCERS / <influencer>             Query, 80 at most
    in which campaigns an influencer was      GSI1 INFLUENCER#<id>#CAMPAIGNS                       Query, counted
    what was spent on an influencer           METER#spent on influencers#<influencer>#<shard>      one batch
    a campaign's newest events                CAMPAIGN#<id>#EVENTS                                 Query
    whether an event was told before          CAMPAIGN#<id>#EXTERNAL#<external id> / EVENT         conditional put
    figures by channel and device             METER#figures#<whose>#<shard>                        one batch
    figures by day                            METER#figures by day#<whose>|<month>#<shard>         one batch
    a campaign's figures                      METER#figures by campaign#<campaign>#<shard>         one batch
    followers of active influencers           METER#reach#<whose>#<shard>                          one batch
"""
