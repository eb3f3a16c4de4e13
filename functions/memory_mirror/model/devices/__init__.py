"""What devices can be told, when that is safe, and whether they did it: pure rules."""
