"""Offline data: what an app captured without a connection, merged when it has one again."""
