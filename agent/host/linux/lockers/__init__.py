"""One file per way to lock the screen on Linux."""
