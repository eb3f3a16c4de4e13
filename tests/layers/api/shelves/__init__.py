"""A system whose operations take keys in every way, and in ways that are refused."""
