"""Tests of starter.up."""
