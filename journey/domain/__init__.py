"""Pure rules: events, facts, items, time arithmetic; no input or output, no clock."""
