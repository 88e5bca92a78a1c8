"""Enrolment and evaluation: makes profiles, and says how good they are."""
