"""The person's language: sentences, numbers and plurals of every screen."""
