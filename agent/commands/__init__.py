"""Implementations of the `steadyhand` commands."""
