"""What the clock looks after: when it is due, and each occurrence claimed once."""
