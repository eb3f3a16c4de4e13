"""Music: playlists, suggestions, search, and playlists that the clock starts."""
