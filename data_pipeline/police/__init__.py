"""Street files to counts, each row accounted for."""
