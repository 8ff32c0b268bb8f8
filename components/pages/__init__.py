"""The pages: each is a list of panels."""
