"""Stories, poems, prompts, reflections and sessions composed from a person's own memories, in eight languages.

Pure functions over plain values. The sentences are data (`sentences/`), chosen by theme, mood and cognitive level; the
person's words are quoted, never bent to fit, so that the grammar holds whatever they are. The same seed composes the
same text.
"""
