"""Which decade somebody is in while they talk: from years, events, ages and the part they play in life."""

from memory_mirror.model.eras.detection import ChatEra, Life, detect, in_chat

__all__ = ["ChatEra", "Life", "detect", "in_chat"]
