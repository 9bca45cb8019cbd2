"""Scenario files, lived through and judged by what came of them."""
