"""Administration: looking after accounts, acting as somebody, and the limits of the tiers.

Access patterns (key → query)
    all accounts                              GSI1 USERS                            Query, counted (people)
    accounts by role and status               GSI2 USERS#<role>#<listed>            Query, counted, merged (people)
    accounts by words of name and address     WORDS#people#…                        Query of each word (people)
    accounts of which something has ended     GSI3 PEOPLE-DUE                       Query, before the two above (access)
    an account, whose an address is           USER#<id> / USER, EMAIL#<email>       GetItem (people)
    what somebody did, and what was done to them   the audit's lists                Query (audit)
    an account's subscriptions                GSI1 USER#<id>#SUBSCRIPTIONS          Query, counted (billing)
    the limits as they were changed           TIERS / TIERS                         GetItem (quintet.api.tiers)

Personal data: none of its own.
"""
