"""The deployment test: the committed templates through the real tools, and the product used where they put it."""
