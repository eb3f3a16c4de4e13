"""Offline data: what an app captured without a connection, merged when it has one again.

Access patterns:
    whether a device's item is known    SYNC#<subject>#<section> / <client id>
    a setting by its name               SYNC#<subject>#setting / <name>
"""
