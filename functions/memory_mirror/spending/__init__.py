"""What costs money is bounded: what somebody may use up in a day, and paid work that many ask for done once."""
