"""What `steadyhand-enroll` understands. Brings no library along: help must not wait for one."""
