"""Signing in with Google, Kakao and Facebook, and as a made-up user where nobody real is served.

Access patterns (key → query)
    whose an identity at a provider is    SOCIAL#<provider>#<subject> / LINK            GetItem (accounts)
    the identities of an account          USER#<id> / SOCIAL#<provider>#<subject>       Query (accounts)
    a sign-in under way                   OAUTH#<provider>#<hash> / FLOW                GetItem (quintet.auth)

When an identity stops to open an account, above all when the address moves, `accounts.identities` says.

Personal data: none of its own beside the identities (accounts). Sign-ins under way (ten minutes) say nothing of anybody
and expire by themselves.
"""
