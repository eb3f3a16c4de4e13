"""What costs money is bounded: what somebody may use up in a day, and paid work that many ask for done once.

Access patterns:
    how much somebody used in a day    ALLOWANCE#<who> / <what>#<day>
    whose turn it is                   TURN#<name> / TURN
"""
