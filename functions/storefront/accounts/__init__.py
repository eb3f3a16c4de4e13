"""Who can sign in: accounts, the passwords and Google subjects that prove them, and their sessions.

Access patterns:
    an account by id                       USER#<id> / ACCOUNT
    an account by e-mail                   EMAIL#<email> / EMAIL → user id; its existence makes the address unique
    an account by its Google subject       GOOGLE#<sub> / GOOGLE → user id
    a Google sign-in under way             OAUTH#<SHA-256 of its state> / FLOW, for ten minutes, used once
    a refresh-token family of an account   USER#<id> / FAMILY#<family>  (quintet.auth.families)
"""
