"""A system with an operation that is only for trying out."""
