"""Analytics: what campaigns reached, and simulated estimates of audiences, influencers and competitors.

Access patterns (key → query)
    figures, reach                            through `campaigns.figures` and `campaigns.influencers`   batches
    what is stored of an influencer           through `campaigns` and `creators.roster`        batches
    whether there is any campaign at all      the counter of GSI1 CAMPAIGNS                             Query
"""
