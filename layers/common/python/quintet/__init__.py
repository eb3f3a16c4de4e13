"""Quintet's common layer: what every system shares, from the invocation pipeline to the table."""
