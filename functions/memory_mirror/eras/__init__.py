"""The decades of a life: how they are written, the signs of one in a text, and the songs that belong to them."""
