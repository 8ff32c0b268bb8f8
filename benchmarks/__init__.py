"""How fast and how lean the pipeline is, beside three other ways to the same counts."""
