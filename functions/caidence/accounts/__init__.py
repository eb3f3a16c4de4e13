"""Signing up, in and out, and passwords: what proves who somebody is.

Access patterns (key → query)
    an account's password, by e-mail       EMAIL#<email> / EMAIL                        GetItem (directory)
    an account, with the sign-in epoch     USER#<id> / USER                             GetItem (directory)
    a sign-in's refresh tokens             USER#<id>.<epoch> / FAMILY#<family>          GetItem (quintet.auth.families)
    the token of a forgotten password's mail   USER#<id> / TOKEN#reset-password         GetItem (quintet.auth)
"""
