"""Customer relations: influencers with the campaigns they were in and what was spent on them, and reports on them.

Access patterns (key → query)
    an organization's influencers; all of them   INFLUENCERS, GSI1 INFLUENCERS (campaigns)           Query, counted
    what a page of them cost                      counters and meters of the campaigns                3 batches
    who of a page is on the roster                ORG#<id>#HANDLE#<platform>#<handle>, the creators   2 batches
    the newest campaigns of each                  GSI1 INFLUENCER#<id>#CAMPAIGNS, the campaigns       Queries; 1 batch
    whom a handle means                           ORG#<id>#INFLUENCER#<handle> / HANDLE               GetItem
    in which organizations a handle is            GSI1 HANDLE#<handle> / <organization>               Query, 2 at most
    the report on an influencer                   ORG#<id>#REPORTS / <influencer>; crm/… in S3        GetItem
"""
