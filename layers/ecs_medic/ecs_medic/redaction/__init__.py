"""Removes what grants access from text before it leaves the account: into Slack, a log, a file, a terminal.

What is named stays, what is secret goes: ARNs, names of secrets and parameters, image digests, account and request ids
and paths survive, because a diagnosis is made of them.
"""

from ecs_medic.redaction.forms import redact
from ecs_medic.redaction.mark import MARK

__all__ = ["MARK", "redact"]
