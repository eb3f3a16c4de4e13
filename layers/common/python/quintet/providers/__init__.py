"""Outside services: one port per service, each with its real adapter and typed failures."""
