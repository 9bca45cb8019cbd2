"""Tests of Owner Journey."""
