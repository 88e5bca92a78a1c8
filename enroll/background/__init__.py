"""Backgrounds of differences: how people differ from one another, each on their own scale, whatever their mice."""
