"""EventBridge events, read leniently, turned into incidents."""
