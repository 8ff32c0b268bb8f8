"""Fetch the inputs of a build: police files out of the remote archive, and the ONS products.

Nothing is left under its final name that is not complete and checked; whatever is there already
and unchanged is not fetched again.
"""
