"""Upkeep: nightly repairs and inspection, and whether the system works."""
