"""How a sentence names the permission for want of which something is not known or was not done."""


def with_missing_permission(words: str, permission: str | None) -> str:
    """The words, and the IAM action ("sqs:ReceiveMessage") that would have helped, where one is known."""
    return f"{words} (missing permission: {permission})" if permission else words
