"""The charts of months."""
