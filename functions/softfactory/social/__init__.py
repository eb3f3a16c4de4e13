"""Signing in with Google, Kakao and Facebook, and as a made-up user where nobody real is served.

Access patterns (key → query)
    whose an identity at a provider is    SOCIAL#<provider>#<subject> / LINK            GetItem
    the identities of an account          USER#<id> / SOCIAL#<provider>#<subject>       Query
    a sign-in under way                   OAUTH#<provider>#<hash> / FLOW                GetItem (quintet.auth)

Personal data: USER#<id> / SOCIAL#<provider>#<subject>, and for each of these SOCIAL#<provider>#<subject> / LINK.
Sign-ins under way (ten minutes) say nothing of anybody and expire by themselves.
"""
