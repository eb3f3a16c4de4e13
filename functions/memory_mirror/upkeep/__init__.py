"""Upkeep: nightly repairs and inspection, and whether the system works.

Access patterns:
    how far a job has come, who runs it            MAINTENANCE#<job> / WALK and RUN
    subjects that are gone and left data           MAINTENANCE#ORPHANS / <subject>
    the last report                                MAINTENANCE#report / LAST
    what was mended for a subject, newest first    SUBJECT#<subject>#Fix / <at>#<id>
    what was mended on a day                       GSI1 FIX#<yyyy-mm-dd> / <at>#<id>
"""
