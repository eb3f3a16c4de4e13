"""The night: danger seen and told, and comfort for somebody awake.

Access patterns:
    the open incident of a kind    INCIDENT#<subject> / <kind of danger>, there until half an hour after its last sign
Incidents are records, by type.
"""
