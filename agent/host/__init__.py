"""The only place that talks to operating systems and desktops, one small Protocol per service."""
