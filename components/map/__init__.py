"""The map, and all that belongs to it."""
