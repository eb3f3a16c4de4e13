"""What is kept secret: the system's keys."""
