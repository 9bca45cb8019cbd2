"""Owner Journey: the engine behind a home owner's relationship with the developer."""
