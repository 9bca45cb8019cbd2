"""Activities on a real store."""
