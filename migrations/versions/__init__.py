"""One module a revision, named in their order."""
