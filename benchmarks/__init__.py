"""Measurements of the engine on this machine; nothing here is asserted by a test."""
