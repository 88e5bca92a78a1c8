"""The host services on Linux."""
