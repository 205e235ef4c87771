"""The one place that changes AWS. What AWS answers to a change is a value: done, or refused with its reason."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ecs_medic.aws.call import Call
from ecs_medic.aws.clients import Clients
from ecs_medic.aws.errors import UNREADABLE
from ecs_medic.aws.refusals import Reason, Refused, from_botocore_error, from_client_error

# A change may take AWS longer than a question, and is not to be cut off half-way.
_CONFIG = Config(
    connect_timeout=2,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 3},
    user_agent_extra="ecs-medic-remedies",
)
_DRY_RUN_PASSED = "DryRunOperation"
_NO_ANSWER = frozenset({Reason.THROTTLED, Reason.UNSURE})

type Gate = Callable[[], str | None]
"""Why nothing may be changed now, or None. Asked before every change: a switch may be thrown at any moment."""


@dataclass(frozen=True, slots=True)
class Done:
    """A change that AWS confirmed, with its answer."""

    source: str
    answer: Mapping[str, Any]


type Written = Done | Refused


class Writer:
    """Changes AWS in one Region (or, per call, in another), and keeps a trace. Never raises for what AWS answers."""

    def __init__(self, region: str, *, gate: Gate, session: boto3.session.Session | None = None) -> None:
        """Nothing is sent while `gate` gives a reason against it."""
        self.region = region
        self._gate = gate
        self._trace: list[Call] = []
        self._clients = Clients(session, self._trace.append, _CONFIG)

    @property
    def trace(self) -> tuple[Call, ...]:
        """Every call that was sent, dry runs included, in the order in which they started."""
        return tuple(self._trace)

    def write(self, service: str, operation: str, params: Mapping[str, Any], *, region: str | None = None) -> Written:
        """One change.

        Raises:
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        source = f"{service}:{operation}"
        closed = self._gate()
        if closed is not None:
            return Refused(source, Reason.STOPPED, closed)
        try:
            client = self._clients.get(service, region or self.region)
            answer = getattr(client, xform_name(operation))(**params)
        except ClientError as error:
            return from_client_error(service, operation, error)
        except BotoCoreError as error:
            return from_botocore_error(service, operation, error)
        except UNREADABLE as error:
            return Refused(source, Reason.UNSURE, f"unreadable answer: {type(error).__name__}")
        return Done(source, {name: value for name, value in answer.items() if name != "ResponseMetadata"})

    def try_out(self, operation: str, params: Mapping[str, Any]) -> Refused | None:
        """Ask EC2 whether the change would be allowed, without making it; None where it would, and where EC2 gives no
        answer to that: then the change itself will tell.

        Raises:
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        answer = self.write("ec2", operation, {**params, "DryRun": True})
        if isinstance(answer, Done) or answer.words.startswith(_DRY_RUN_PASSED) or answer.reason in _NO_ANSWER:
            return None
        return answer
