"""A small system with a queue, a queue with order, a stream and sockets, for the laptop to serve."""
