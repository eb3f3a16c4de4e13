"""The product's languages: which one a tag means, which one a text is in; and texts translated.

Access patterns: none, for nothing is stored.
"""
