"""The administrator's office: one folder with people, recordings, profiles, keys, and what is published from it."""
