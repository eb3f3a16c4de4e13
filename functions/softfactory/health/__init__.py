"""Whether the suite answers.

Access patterns: none, the table is not asked.
"""
