"""Records: what the 22 kinds of entities have in common, their fields, and the one way to read and write them."""
