"""Alerts that wait, on disk."""
