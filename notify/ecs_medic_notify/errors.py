"""What can go wrong: input that cannot be used, metadata that cannot be read, a message that did not arrive.

No message of these names a token or a webhook's address.
"""


class BadInputError(ValueError):
    """What the caller or the environment gave cannot be used; the message names it and what was expected."""


class MetadataError(Exception):
    """Which task this is cannot be told; the message says why, and is one line."""


class SlackError(Exception):
    """The message did not arrive, as far as is known; the message says why, and is one line.

    `code` is Slack's own word for it, where Slack gave one.
    """

    def __init__(self, message: str, code: "str | None" = None) -> None:
        self.code = code
        super().__init__(message)
