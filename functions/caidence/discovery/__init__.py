"""Creator discovery at Influencers Club, paid with credits: what is held, asked, charged and shown.

Access patterns (key → query)
    a user's credit account                CREDITS#<user> / ACCOUNT                 GetItem
    the latest transactions of an account  CREDITS#<user>#LEDGER / <number>         Query, newest first
    what an account used, by day           CREDITS#<user>#DAYS / <day>              Query of the days asked for
    a hold                                 CREDITS#<user>#HOLDS / <id>              by key
    holds whose time is over               GSI1 HOLDS#<shard> / <due at>#<id>       Query up to now, by the clock
    a profile bought within 24 hours       CREDITS#<user>#PROFILES / <platform>#<handle>#<mode>, GetItem
    the turn to buy a profile              CREDITS#<user>#CLAIMS / <platform>#<handle>#<mode>, conditional put
    requests to the service in a minute    SENT#upstream#influencers_club / <start> (quintet.auth.caps)
"""
