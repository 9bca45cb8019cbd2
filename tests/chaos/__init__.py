"""Two hundred lives of seconds while worker, API and Temporal are killed: nothing missing, nothing twice."""
