"""The approaches of the source documents side by side, by every protocol: `python -m enroll.approaches --help`."""
