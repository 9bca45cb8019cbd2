"""Workflows on a real time-skipping server, cache off."""
