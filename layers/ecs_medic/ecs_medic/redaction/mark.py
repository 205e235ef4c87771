"""What stands in a text where a secret was."""

MARK = "[redacted]"
