"""What is known of a person: what they remember, what was seen of their days, and what of it may be offered to them.

Access patterns. All are records: Memory by era and by sentiment, Photo, Video and Music by era, SafeMemoryZone; and
the diary: ActivityLog by type, AnxietyTrend, Conversation, CognitiveAssessment. Each is read newest first, and no more
of it than a purpose needs.
"""
