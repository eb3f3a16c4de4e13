"""Chats between a brand and an influencer about an application, and their messages in the order they were sent.

Access patterns:
    the chat of an application                  CHAT#<application> / CHAT
    its messages, oldest first, from any place  CHAT#<application>#MESSAGES / <number>
A chat counts its messages in the transaction that adds one, and the count is the message's number. So the total is
exact, the order is that of the commits, and reading on from any offset costs what its page costs.
"""
