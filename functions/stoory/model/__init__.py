"""Stoory's rules: states, money, calendars and formats as pure functions, no AWS call among them."""
