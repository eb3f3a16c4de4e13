"""What puts the operations into AWS (the renderer) and onto a laptop (local)."""
