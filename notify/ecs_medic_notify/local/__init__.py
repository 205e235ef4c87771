"""A stand-in for the task metadata endpoint, for laptops."""
