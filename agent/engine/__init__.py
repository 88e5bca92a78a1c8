"""Judgement engine: pure functions and state machines without threads, operating system, clock or files."""
