"""Recognising and preparing media files."""
