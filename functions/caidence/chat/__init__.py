"""The assistant: sessions of a user with a language model, or with advice by rules where there is none.

Access patterns (key → query)
    a session of a user                       CHATS#<user> / <session>                          GetItem
    a user's sessions, latest first           GSI1 CHATS#<user>#LATEST / <last message>         Query, counted
    a session's messages, oldest first        CHAT#<user>#<session> / <message>                 Query
    how many sessions an organization began   METER#chats#<organization>#<shard>                one batch
"""
