"""What no text for the person or their carers may hold, whoever wrote it."""
