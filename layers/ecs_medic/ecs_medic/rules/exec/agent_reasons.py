"""What the agent's own reason says went wrong.

The words are those of the Amazon ECS agent (https://github.com/aws/amazon-ecs-agent); what is not among them is only
shown.
"""

import re

_CANNOT_BE_INSTALLED = re.compile(
    r"initialization failed|could not (?:find|generate|create)|unable to generate|no such file|not supported",
    re.IGNORECASE,
)


def cannot_be_installed(reason: str | None) -> bool:
    """Whether the host or the container lacks what the agent needs: certificates, binaries, its configuration."""
    return reason is not None and _CANNOT_BE_INSTALLED.search(reason) is not None
