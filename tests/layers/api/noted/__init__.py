"""A small system of notes, to test the pipeline with."""
