"""What an IAM policy document says about one call, computed from its text alone."""
