"""Messages that were not sent when what they tell of happened."""
