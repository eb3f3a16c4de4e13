"""Music: playlists, suggestions, search, and playlists that the clock starts.

Access patterns:
    a person's playbacks, newest first    PLAYBACK#<subject> / <id>
    what a search found                   MUSIC#<hash of its words and era> / FOUND
    why YouTube is not asked now          MUSIC#youtube / CLOSED
Playlists are records; what is due is asked of `clock`.
"""
