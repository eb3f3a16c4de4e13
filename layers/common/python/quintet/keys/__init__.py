"""What is kept secret: the system's keys, and personal identifiers sealed under KMS."""
