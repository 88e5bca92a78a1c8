"""What comes from the administrator, and what goes there."""
