"""Who can sign in, whom they care for, and whose data a request is about."""
