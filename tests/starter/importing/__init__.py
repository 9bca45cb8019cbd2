"""Tests of starter.importing."""
