"""Stories, poems, prompts and affirmations made from a person's own life."""
