"""Tests of the journey package."""
