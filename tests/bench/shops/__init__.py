"""The same three operations, written plainly for other frameworks."""
