"""Files that publishers provide: what they are, and how they are opened and read."""
