"""Entities and rules that several domains of Memory Mirror share."""
