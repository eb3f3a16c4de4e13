"""What is known of a person: what they remember, what was seen of their days, and what of it may be offered to them."""
