"""The only reader of AWS: one incident in, its facts out."""
