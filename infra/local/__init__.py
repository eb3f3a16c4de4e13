"""The laptop: an embedded AWS, a local API Gateway, the clock and the outbox. Never deployed."""
