"""Files on disk: hashes, locks, replacement, and what is remembered between builds."""
