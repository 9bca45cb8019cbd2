"""Tests of starter.view."""
