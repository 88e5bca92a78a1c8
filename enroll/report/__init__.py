"""Reports for the people who decide."""
