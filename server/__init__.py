"""HTTP around the page: settings, headers, geometry and export routes."""
