"""The host services on macOS."""
