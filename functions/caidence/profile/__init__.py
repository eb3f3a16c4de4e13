"""What people say about themselves.

Access patterns: a user, USER#<id> / USER, which the caller was read from already (directory).
"""
