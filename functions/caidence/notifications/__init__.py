"""Messages that were not sent when what they tell of happened.

Access patterns: those of the outbox (quintet.messaging.outbox).
"""
