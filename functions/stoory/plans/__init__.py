"""Plans, and the subscriptions of brands to them."""
