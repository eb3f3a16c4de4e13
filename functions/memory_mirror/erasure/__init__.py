"""Erasure: everything about a person goes, at their wish."""
