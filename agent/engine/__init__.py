"""The judgement, pure: no threads, no operating system, no clock, no files."""
