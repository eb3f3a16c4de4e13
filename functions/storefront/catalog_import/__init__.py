"""Catalogue files: reading our own columns and Shopify's, and bringing the catalogue to what they say.

It has no items of its own. Access patterns, for every fifty products of a file: their stock items by SKU, then the
products these belong to; once per file all brands and the tree of categories.
"""
