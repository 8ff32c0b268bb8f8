"""What stands around the figures: name, search, headline, sources."""
