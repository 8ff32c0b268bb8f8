"""One module per panel of the page: layout, callbacks, figure."""
