"""The demonstration: an owner works, an intruder takes over, the screen locks."""
