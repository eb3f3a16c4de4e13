"""Erasure: everything about a person goes, at their wish.

Access patterns. Every partition that a subject names (partitions.py); the jobs are those of `accounts`.
"""
