"""The deployment test: the committed templates through the real tools into an embedded AWS, and the product used there."""
