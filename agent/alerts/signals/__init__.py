"""Shared Signals: security event tokens for an identity provider, made of alerts. Imported by the relay alone."""
