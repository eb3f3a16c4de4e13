"""What a message feels like: mood, anxiety and themes by lexicons of eight languages, as pure functions."""

from memory_mirror.feelings.analysis import APPROACHES, THEMES, TONES, Feeling, analyse
from memory_mirror.feelings.folding import fold
from memory_mirror.feelings.lexicon import compiled

__all__ = ["APPROACHES", "THEMES", "TONES", "Feeling", "analyse", "compiled", "fold"]
