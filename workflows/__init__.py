"""Workflows: durable loops and cases. They execute recorded steps and evaluate no policy."""
