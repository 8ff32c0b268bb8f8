"""What a dataset holds, and how two of them differ, as text."""
