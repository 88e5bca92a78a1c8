"""Implementations of the `steadyhand-enroll` commands."""
