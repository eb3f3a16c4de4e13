"""Messages that were not sent when what they tell of happened, by the outbox's own keys (quintet.messaging.outbox)."""
