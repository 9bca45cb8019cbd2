"""Tests of starter.cli."""
