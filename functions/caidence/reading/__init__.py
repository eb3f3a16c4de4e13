"""What several domains read: figures as people write them, and catalogues in TOML files. Nothing is stored."""
