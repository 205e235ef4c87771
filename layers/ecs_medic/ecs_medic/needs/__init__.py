"""What this very task definition needs from the network and from IAM, and what carries each need."""
