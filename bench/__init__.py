"""Speed and memory, measured and never asserted: `python -m bench`."""
