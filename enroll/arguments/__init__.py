"""Argument parsers of `steadyhand-enroll`. Import no scientific library: help must not wait for one."""
