"""What tales are made of: sentences of eight languages, and a person's own words quoted among them.

Pure functions over plain values. The sentences are data (`sentences/`), chosen by theme, mood and cognitive level; the
person's words are quoted, never bent to fit, so that the grammar holds whatever they are. The same seed composes the
same text.
"""
