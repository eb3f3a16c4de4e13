"""Organizations, their brands and their teams; what they pay and what they use.

Access patterns (beside those of `directory`, whose rows these are)
    all organizations; a caller's own         ORGS, ORGS / <id>                             Query, GetItem
    brands and teams                          through `access.rows`                         Query, GetItem
    a new row under a slug of its own         the row and SLUG#<kind>#<slug>                one transaction
    a new team and its members                the team, USER#<id> / TEAMS#<organization>    one transaction
    paying customers by tier                  GSI1 ORGS#<plan_tier>#true                    counters, one batch
    customers won and lost, by day            METER#plans#<day>#<shard>                     one batch
    bytes stored, per organization and all    METER#storage#<id>#<shard>                    one batch
    who was active on a day; how many         USER#<id> / ACTIVE#<day>, METER#active#<day>  GetItem, one batch
"""
