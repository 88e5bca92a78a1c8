"""The desktop agent: captures the mouse, judges who moves it, locks or alerts."""
