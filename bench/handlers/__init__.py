"""Handlers that stand in for a function's own in a measurement; the emulator imports each by itself, as Lambda does."""
