"""Whether the platform answers, and a welcome.

Access patterns: none, the table is not asked.
"""
