"""Public data sets and CSV files as event streams."""
