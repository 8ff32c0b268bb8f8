"""Pure numbers over an open dataset: no Dash, no files, no network."""
