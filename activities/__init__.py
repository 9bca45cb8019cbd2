"""Activities: thin; each translates, calls one thing, records, returns."""
