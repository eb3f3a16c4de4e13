"""Messages to people outside: e-mail, SMS and WhatsApp, each sent at once by its provider.

Access patterns: none of its own. What was sent enters the activity list (`activity`), without its recipient.
"""
