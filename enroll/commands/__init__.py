"""What `steadyhand-enroll` does, command by command."""
