"""The audit: one hash chain per subject, and the noting of what every operation reads and writes."""
