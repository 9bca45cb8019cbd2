"""Scenarios: whole lives of homes on the time-skipping server, on one virtual clock (`design.md` §7)."""
