"""How people and systems reach the engine: REST, hooks, command line, one-command start, simulation."""
