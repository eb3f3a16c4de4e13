"""Voice: a loved one's voice cloned from a recording, and texts spoken with it.

Access patterns:
    a person's voice by its id                 SUBJECT#<subject>#Voice / <voice id>
    the voice made from one sample and name    SUBJECT#<subject>#VoiceSample / <hash of both>
    a text spoken before                       SUBJECT#<subject>#Speech / <hash of text, voice and settings>
"""
