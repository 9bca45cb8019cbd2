"""What must stay readable."""
