"""Who is calling: passwords, tokens and what they prove."""
