"""Memories recalled, shown, reflected upon and made into sessions.

Access patterns. Those of `life`: what may be offered of the newest memories, pictures, films and music.
"""
