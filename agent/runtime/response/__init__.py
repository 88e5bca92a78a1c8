"""What follows from a reaction: the alert on disk, the countdown, the lock, the owner's answer."""
