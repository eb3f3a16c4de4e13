"""Memories recalled, shown, reflected upon and made into sessions."""
