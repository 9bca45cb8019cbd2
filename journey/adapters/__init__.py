"""Connections to the world outside: files, libraries, providers."""
