"""Raw public files in, one published dataset out."""
