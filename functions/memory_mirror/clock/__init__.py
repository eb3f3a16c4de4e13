"""What the clock looks after: when it is due, and each occurrence claimed once.

Access patterns:
    what of a kind is due, earliest first    GSI3 DUE#<kind>#<shard> / <next_due>#<subject>#<id>
    the claim of an occurrence               OCCURRENCE#<subject> / <item>#<nominal local time>
    missed reminders, newest first           GSI1 MISSED#<subject> / <instant of the last>#<item>
"""
