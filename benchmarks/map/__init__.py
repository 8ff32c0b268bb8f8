"""What the map costs a reader, beside two other ways to draw the same areas in a browser."""
