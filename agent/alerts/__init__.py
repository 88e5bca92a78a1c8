"""Alerts: what they say, the outbox that keeps them, and the ways they travel."""
