"""What the employee sees: tray, notifications, pictures."""
