"""Detectors: each scores feature rows from plain arrays. Higher score = more genuine."""
