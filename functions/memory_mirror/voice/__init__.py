"""Voice: a loved one's voice cloned from a recording, and texts spoken with it."""
