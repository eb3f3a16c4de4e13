"""Stories, poems, prompts and affirmations made from a person's own life.

Access patterns:
    what a subject was told in a form    SUBJECT#<subject>#TOLD / <form>
beside those of `life`.
"""
