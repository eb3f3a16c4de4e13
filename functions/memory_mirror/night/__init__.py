"""The night: danger seen and told, and comfort for somebody awake."""
