"""Signing up, in and out, passwords and the second factor: what proves who somebody is.

Access patterns (key → query)
    an account's password, by e-mail           EMAIL#<email> / EMAIL                    GetItem (people)
    whether it signed in from a network        EMAIL#<email> / ORIGIN#<network>         GetItem, with the password
    an account, with its epoch                 USER#<id> / USER                         GetItem (people)
    an account's second factor                 USER#<id> / 2FA                          GetItem
    a sign-in that waits for its second step   CHALLENGE#<digest> / CHALLENGE           GetItem
    a sign-in's refresh tokens                 USER#<id>.<epoch>… / FAMILY#<family>     GetItem (quintet.auth.families)
    the identities that open an account        USER#<id> / SOCIAL#<provider>#<subject>  Query
    whose an identity at a provider is         SOCIAL#<provider>#<subject> / LINK       GetItem
    the live token of a mail                   USER#<id> / TOKEN#<purpose>              GetItem (quintet.auth)

Personal data: USER#<id> / 2FA, USER#<id> / TOKEN#<purpose>, USER#<id> / SOCIAL#<provider>#<subject> with the LINK of
each, EMAIL#<email> / ORIGIN#<network>; the partitions of both keys hold nobody else's. Challenges (five minutes),
refresh families (30 days) and mails (quintet.messaging.outbox) expire by themselves, and are worthless once the account
or its epoch is gone.
"""
