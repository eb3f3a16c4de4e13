"""The smart home: devices, routines, and a home that follows the mood.

Access patterns:
    the latest run of a routine    SUBJECT#<subject>#RUN / <routine id>
    the rest of an automation      SUBJECT#<subject>#COOLDOWN / <automation id>
Devices (by type), routines and automations (by whether they are active) are records; what a device does is told by its
shadow.
"""
