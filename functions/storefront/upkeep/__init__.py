"""What keeps the shop running and belongs to no part of it: the health check, and the mails that still wait.

Access patterns: those of the outbox (quintet.messaging.outbox).
"""
