"""What a message feels like: mood, anxiety and themes by lexicons of eight languages, as pure functions."""

from memory_mirror.feelings.analysis import APPROACHES, THEMES, TONES, Feeling, analyse

__all__ = ["APPROACHES", "THEMES", "TONES", "Feeling", "analyse"]
