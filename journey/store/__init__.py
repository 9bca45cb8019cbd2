"""The store: plain synchronous SQLAlchemy, run in threads."""
