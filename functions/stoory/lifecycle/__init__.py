"""The life of a thing: a table of legal moves between its statuses, and who may make them."""
