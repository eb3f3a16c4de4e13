"""Accounts: who may sign in, by phone or by e-mail, and the codes and tokens that prove it.

Access patterns:
    an account by id                       USER#<id> / USER
    an account by phone                    PHONE#<phone> / PHONE → user id; its existence makes the phone unique
    an account by e-mail                   EMAIL#<email> / EMAIL → user id and password hash; makes the address unique
    the e-mail token of one purpose        USER#<id> / TOKEN#<purpose>  (quintet.auth.one_time_tokens)
    refresh-token families                 USER#<id> / FAMILY#<family>  (quintet.auth.families)
    a phone's live code                    CODE#otp#<phone> / CODE  (quintet.auth.codes)
An account's profile, wallet and current subscription are items of the same partition, kept by their own domains.
"""
