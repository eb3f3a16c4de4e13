"""Messages to people: in the app and by e-mail.

Access patterns:
    that somebody was told of a chat message    CHAT#<sender>#<message> / <hash of the address>
    a mailing of an account                     MAILING#<account> / <id>
Notifications are records, by recipient and by status; e-mails go through the outbox (quintet.messaging.outbox).
"""
