"""Where alerts go: a file for each destination."""
