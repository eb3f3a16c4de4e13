"""The entity API: the data that the functions read and write, as small resources."""
