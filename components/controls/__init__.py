"""What the reader chooses with."""
