"""Marketing communications: named tools that turn a few inputs into copy. Each tool is a file in `tools`.

Access patterns: none; nothing is stored.
"""
