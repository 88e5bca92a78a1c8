"""The host services on Windows."""
