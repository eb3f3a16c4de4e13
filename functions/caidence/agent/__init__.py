"""The agent: livelier descriptions, campaign drafts by three roles that hand over, and strategies kept as projects.

Access patterns: none of its own; a strategy is stored as a row of `projects`.
"""
