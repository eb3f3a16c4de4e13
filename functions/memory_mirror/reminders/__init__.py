"""Reminders: told when they are due, to the person and to whom else they name.

Access patterns. Reminders are records, by whether they are active; what is due is asked of `clock`.
"""
