"""The repair: plan again on fresh facts, ask, change, wait, verify, and undo what did not help."""
