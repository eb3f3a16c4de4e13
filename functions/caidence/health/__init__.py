"""Whether the platform answers: no access to the table."""
