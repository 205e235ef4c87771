"""The one place that asks AWS. Every answer is a fact: known, absent, or unknown with its reason.

Endpoints, profiles and credentials come from the usual AWS environment, through boto3 itself.
"""

from collections.abc import Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ecs_medic.aws.call import Call
from ecs_medic.aws.clients import Clients
from ecs_medic.aws.errors import AwsUnavailable, from_botocore_error, from_client_error
from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.partition import partition_of

__all__ = ["Answer", "AwsUnavailable", "Call", "Reader"]

type Answer = dict[str, Any]
"""What boto3 returns, without its metadata."""

_MOST_AT_ONCE = 16
_MOST_ITEMS = 5000
"""More of one list make it unknown: part of a list proves no absence."""


class Reader:
    """Asks AWS in one Region (or, per call, in another), keeps a trace, and never raises for what AWS answers."""

    def __init__(
        self, region: str, *, session: boto3.session.Session | None = None, account: str | None = None
    ) -> None:
        """`account` is the account that is asked, where the caller knows it already."""
        self._closed: str | None = None
        self.region = region
        self.partition = partition_of(region)
        self._account = account
        self._trace: list[Call] = []
        # Appending to a list is atomic: the trace needs no lock.
        self._clients = Clients(session, self._trace.append)
        self._failures: list[Unknown] = []
        self._asked = False
        self._reached = False

    def again(self) -> "Reader":
        """The same reader with its clients, which are slow to make, and with nothing of what it has asked so far."""
        self._trace.clear()
        self._failures.clear()
        self._closed = None
        self._asked = False
        self._reached = False
        return self

    @property
    def trace(self) -> tuple[Call, ...]:
        """Every call that was made, pages included, in the order in which they started."""
        return tuple(self._trace)

    @property
    def calls(self) -> tuple[str, ...]:
        """The trace by name: "ecs:DescribeTasks"."""
        return tuple(call.name for call in self._trace)

    @property
    def failures(self) -> tuple[Unknown, ...]:
        """What was asked and not answered, each once: denied, throttled, timed out, unreadable."""
        return tuple(dict.fromkeys(self._failures))

    def account(self) -> Fact[str]:
        """The account that is asked: as given, else as AWS STS says.

        Raises:
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        if self._account is not None:
            return Known(self._account, "caller")
        answer = self.read("sts", "GetCallerIdentity", {})
        if not isinstance(answer, Known):
            return answer
        self._account = str(answer.value["Account"])
        return Known(self._account, answer.source)

    def read(
        self, service: str, operation: str, params: Mapping[str, Any], *, region: str | None = None
    ) -> Fact[Answer]:
        """One call.

        Raises:
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        return self._ask(Call(service, operation, params, region))

    def together[K: Hashable](self, calls: Mapping[K, Call]) -> dict[K, Fact[Answer]]:
        """One wave: calls that do not depend on one another, at the same time.

        Raises:
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        if not calls:
            return {}
        with ThreadPoolExecutor(max_workers=min(_MOST_AT_ONCE, len(calls)), thread_name_prefix="aws") as pool:
            pending = {key: pool.submit(self._ask, call) for key, call in calls.items()}
        return {key: future.result() for key, future in pending.items()}

    def ensure_reached(self) -> None:
        """Tells a service that is out of reach from an AWS that is.

        Raises:
            AwsUnavailable: calls were made and nothing at all has answered.
        """
        if self._asked and not self._reached:
            raise AwsUnavailable(
                f"nothing answers in {self.region}: none of {len(self._trace)} calls reached AWS; "
                "check the network, AWS_ENDPOINT_URL and the Region"
            )

    def keep_to(self, account: str) -> None:
        """Ask nothing from here on where the credentials are of another account than `account`.

        There everything would look absent, and be reported as broken.

        Raises:
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        asked = self.account()
        if isinstance(asked, Known) and asked.value != account:
            self._closed = f"the credentials are of account {asked.value}, not of {account}: nothing was read there"

    def _ask(self, call: Call) -> Fact[Answer]:
        answer = self._answer(call)
        if isinstance(answer, Unknown):
            self._failures.append(answer)
        return answer

    def _answer(self, call: Call) -> Fact[Answer]:
        if self._closed is not None:
            return Unknown(call.name, self._closed)
        self._asked = True
        try:
            client = self._clients.get(call.service, call.region or self.region)
            method = xform_name(call.operation)
            if call.items is not None and client.can_paginate(method):
                return self._pages(call, call.items, client.get_paginator(method).paginate(**call.params))
            return self._checked(call, getattr(client, method)(**call.params))
        except ClientError as error:
            self._reached = True
            return from_client_error(call.service, call.operation, error, at_home=call.region in {None, self.region})
        except BotoCoreError as error:
            return from_botocore_error(call.service, call.operation, error)
        except (ResponseParserError, AttributeError, KeyError, TypeError, ValueError) as error:
            # botocore's parsers raise these where a body has not the form that the service's model promises.
            return Unknown(call.name, f"unreadable answer: {type(error).__name__}")

    def _pages(self, call: Call, items: str, pages: Iterable[Answer]) -> Fact[Answer]:
        found: list[Any] = []
        for page in pages:
            answer = self._checked(call, page)
            if not isinstance(answer, Known):
                return answer
            found.extend(answer.value[items])
            if len(found) > _MOST_ITEMS:
                return Unknown(call.name, f"more than {_MOST_ITEMS} {items}: not all were read")
        return Known({items: found}, call.name)

    def _checked(self, call: Call, raw: Answer) -> Fact[Answer]:
        self._reached = True
        answer = {name: value for name, value in raw.items() if name != "ResponseMetadata"}
        if not answer or (call.items is not None and not isinstance(answer.get(call.items), list)):
            # botocore reads a body that is cut off as an answer without members: that is no empty list.
            return Unknown(call.name, "empty or unreadable answer")
        return Known(answer, call.name)
