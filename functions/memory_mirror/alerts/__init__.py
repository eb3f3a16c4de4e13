"""Alerts: conditions that caregivers set, looked at by the clock, told in stages."""
