"""Copy for the platforms of the world: generated, kept, listed and deleted.

Access patterns: those of rows of an organization (`access.rows`), CONTENT.
"""
