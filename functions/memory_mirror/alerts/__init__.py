"""Alerts: conditions that caregivers set, looked at by the clock, told in stages.

Access patterns:
    the alert of a condition    ALERT#<subject> / <condition id>, there while the condition holds
Conditions are records, by whether they are enabled; which is to be looked at is asked of `clock`.
"""
