"""The lives of things: tables of legal moves between statuses, and who may make them. No items of its own."""
