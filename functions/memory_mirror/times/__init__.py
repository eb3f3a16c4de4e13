"""Instants as the document writes them, and what recurs at local times (RFC 5545): pure rules."""
