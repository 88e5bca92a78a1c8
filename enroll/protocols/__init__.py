"""One file a published evaluation protocol."""
