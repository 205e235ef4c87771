"""Reading AWS: one call, one fact; an error is told apart from an absence."""
