"""From raw files to a published dataset."""
