"""Reminders: told when they are due, to the person and to whom else they name."""
