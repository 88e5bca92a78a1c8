"""Overview: one page on everybody and every mouse, for the administrator."""
