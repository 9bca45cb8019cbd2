"""Tests of journey.store."""
