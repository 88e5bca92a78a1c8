"""The host services where there is none: honest about seeing and doing nothing."""
