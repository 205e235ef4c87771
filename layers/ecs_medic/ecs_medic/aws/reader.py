"""The one place that asks AWS. Every answer is a fact: known, absent, or unknown with its reason.

Endpoints, profiles and credentials come from the usual AWS environment, through boto3 itself.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from ecs_medic.aws.call import Call
from ecs_medic.aws.clients import Clients
from ecs_medic.aws.errors import UNREADABLE, AwsUnavailable, from_botocore_error, from_client_error
from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.partition import partition_of

__all__ = ["Answer", "AwsUnavailable", "Call", "Reader"]

type Answer = dict[str, Any]
"""What boto3 returns, without its metadata."""

_MOST_AT_ONCE = 16
_MOST_ITEMS = 5000
"""More of one list make it unknown: part of a list proves no absence."""
_MOST_PAGES = 500
"""More pages, however little is on them, make it unknown too: so that no list is read for ever."""

type SecondsLeft = Callable[[], float]
"""How long AWS may still be asked, in seconds; nothing is asked or waited for where that is 0 or less."""


def no_end() -> float:
    """Time without an end: what one call may take at most still bounds everything."""
    return math.inf


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=_MOST_AT_ONCE, thread_name_prefix="aws")


@dataclass(slots=True)
class _Asked:
    """What one run has asked. A call that hangs after its run has ended writes here, and into no later run."""

    seconds_left: SecondsLeft = no_end
    trace: list[Call] = field(default_factory=list)
    """Appending to a list is atomic: it needs no lock."""
    failures: list[Unknown] = field(default_factory=list)
    closed: str | None = None
    anything: bool = False
    reached: bool = False
    ran_out_of_time: bool = False

    def too_late(self, call: Call, what: str) -> Unknown:
        """The answer to a question that there was no time for."""
        self.ran_out_of_time = True
        return Unknown(call.name, f"{what}: no time was left")


_NOT_ASKED = "not read"
_NOT_WAITED_FOR = "not answered in time"


class Reader:
    """Asks AWS in one Region (or, per call, in another), keeps a trace, and never raises for what AWS answers."""

    def __init__(
        self,
        region: str,
        *,
        session: boto3.session.Session | None = None,
        account: str | None = None,
        seconds_left: SecondsLeft = no_end,
    ) -> None:
        """`account` is the account of the credentials, where the caller was told it."""
        self.region = region
        self.partition = partition_of(region)
        self._told = account
        self._account: str | None = None
        self._asked = _Asked(seconds_left)
        self._clients = Clients(session, self._note)
        self._pool = _threads()

    def again(self, seconds_left: SecondsLeft = no_end) -> "Reader":
        """The same reader with its clients, which are slow to make, and with nothing of what it has asked so far."""
        self._asked = _Asked(seconds_left)
        return self

    def get_ready(self, services: Iterable[str]) -> None:
        """Make the clients of these services now, one by one, in whatever thread this is.

        Raises:
            botocore.exceptions.BotoCoreError: the configuration cannot be used; whoever asks is told so again.
        """
        for service in services:
            self._clients.get(service, self.region)

    @property
    def trace(self) -> tuple[Call, ...]:
        """Every call that was made, pages included, in the order in which they started."""
        return tuple(self._asked.trace)

    @property
    def calls(self) -> tuple[str, ...]:
        """The trace by name: "ecs:DescribeTasks"."""
        return tuple(call.name for call in self._asked.trace)

    @property
    def failures(self) -> tuple[Unknown, ...]:
        """What was asked and not answered, each once: denied, throttled, timed out, unreadable."""
        return tuple(dict.fromkeys(self._asked.failures))

    @property
    def ran_out_of_time(self) -> bool:
        """Whether anything was not asked, or its answer not waited for, because no time was left."""
        return self._asked.ran_out_of_time

    def account(self) -> Fact[str]:
        """The account that is asked: as AWS STS said, else as it was told, else as AWS STS says now.

        Raises:
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        if self._account is None and self._told is not None:
            return Known(self._told, "caller")
        return self._account_by_sts()

    def _account_by_sts(self) -> Fact[str]:
        source = "sts:GetCallerIdentity"
        if self._account is None:
            answer = self.read("sts", "GetCallerIdentity", {})
            if not isinstance(answer, Known):
                return answer
            account = answer.value.get("Account")
            if not isinstance(account, str):
                return Unknown(source, "unreadable answer: it names no account")
            self._account = account
        return Known(self._account, source)

    def read(
        self, service: str, operation: str, params: Mapping[str, Any], *, region: str | None = None
    ) -> Fact[Answer]:
        """One call.

        Raises:
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        return self._wave({0: Call(service, operation, params, region)})[0]

    def together[K: Hashable](self, calls: Mapping[K, Call]) -> dict[K, Fact[Answer]]:
        """One wave: calls that do not depend on one another, at the same time.

        It is waited for as long as there is time: a call that hangs is then left to itself, and ends by its own
        time-outs.

        Raises:
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        return self._wave(calls)

    def _wave[K: Hashable](self, calls: Mapping[K, Call]) -> dict[K, Fact[Answer]]:
        if not calls:
            return {}
        asked = self._asked
        answers = self._answers(calls, asked)
        asked.failures += (answer for answer in answers.values() if isinstance(answer, Unknown))
        return answers

    def _answers[K: Hashable](self, calls: Mapping[K, Call], asked: _Asked) -> dict[K, Fact[Answer]]:
        if asked.closed is not None:
            return {key: Unknown(call.name, asked.closed) for key, call in calls.items()}
        left = asked.seconds_left()
        if left <= 0:
            return {key: asked.too_late(call, _NOT_ASKED) for key, call in calls.items()}
        pool = self._pool
        hanging = True
        try:
            pending = {key: pool.submit(self._ask, call, asked) for key, call in calls.items()}
            answered, unanswered = wait(pending.values(), None if left == math.inf else left)
            hanging = bool(unanswered)
        finally:
            if hanging:
                # Nobody is to wait for threads that wait for what nobody wants any more.
                pool.shutdown(wait=False, cancel_futures=True)
                self._pool = _threads()
        return {
            key: future.result() if future in answered else asked.too_late(calls[key], _NOT_WAITED_FOR)
            for key, future in pending.items()
        }

    def ensure_reached(self) -> None:
        """Tells a service that is out of reach from an AWS that is. Where time ran out, nobody knows.

        Raises:
            AwsUnavailable: calls were made and nothing at all has answered.
        """
        asked = self._asked
        if asked.anything and not asked.reached and not asked.ran_out_of_time:
            names = tuple(dict.fromkeys(self.calls))
            # Where it was closed for want of an answer, nothing but that one call was asked.
            which = f" ({names[0]})" if len(names) == 1 else ""
            raise AwsUnavailable(
                f"nothing answers in {self.region}: none of {len(asked.trace)} calls{which} reached AWS; "
                "check the network, AWS_ENDPOINT_URL and the Region"
            )

    def keep_to(self, account: str) -> None:
        """Ask nothing from here on, unless the credentials are known to be of `account`.

        In another account everything would look absent, and be reported as broken. That it is this one may have been
        told; that it is another one is for AWS STS to say: emulators of Lambda make their account up.

        Raises:
            AwsUnavailable: the credentials are missing, expired or refused.
        """
        if self._asked.closed is not None or (self._account is None and self._told == account):
            return
        asked = self._account_by_sts()
        if not isinstance(asked, Known):
            why = asked.reason if isinstance(asked, Unknown) else asked.detail
            self._asked.closed = f"whose account the credentials are of could not be read: {why}"
        elif asked.value != account:
            self._asked.closed = (
                f"the credentials are of account {asked.value}, not of {account}: nothing was read there"
            )

    def _note(self, call: Call) -> None:
        self._asked.trace.append(call)

    def _ask(self, call: Call, asked: _Asked) -> Fact[Answer]:
        # Where there are more calls than threads, some begin late.
        return self._answer(call, asked) if asked.seconds_left() > 0 else asked.too_late(call, _NOT_ASKED)

    def _answer(self, call: Call, asked: _Asked) -> Fact[Answer]:
        asked.anything = True
        try:
            region = call.region or self.region
            if call.items is not None and (paginator := self._clients.paginator(call.service, region, call.operation)):
                return self._pages(call, call.items, paginator.paginate(**call.params), asked)
            method = getattr(self._clients.get(call.service, region), xform_name(call.operation))
            return self._checked(call, method(**call.params), asked)
        except ClientError as error:
            asked.reached = True
            return from_client_error(call.service, call.operation, error, at_home=call.region in {None, self.region})
        except BotoCoreError as error:
            return from_botocore_error(call.service, call.operation, error)
        except UNREADABLE as error:
            # An answer came. But an endpoint that is no address was never asked.
            asked.reached = asked.reached or not str(error).startswith("Invalid endpoint")
            return Unknown(call.name, f"unreadable answer: {type(error).__name__}")

    def _pages(self, call: Call, items: str, pages: Iterable[Answer], asked: _Asked) -> Fact[Answer]:
        found: list[Any] = []
        for number, page in enumerate(pages, 1):
            answer = self._checked(call, page, asked)
            if not isinstance(answer, Known):
                return answer
            found.extend(answer.value[items])
            if len(found) > _MOST_ITEMS:
                return Unknown(call.name, f"more than {_MOST_ITEMS} {items}: not all were read")
            if number >= _MOST_PAGES:
                return Unknown(call.name, f"more than {_MOST_PAGES} pages of {items}: not all were read")
            if asked.seconds_left() <= 0:
                # A thread that was left behind asks nothing more.
                return asked.too_late(call, _NOT_WAITED_FOR)
        return Known({items: found}, call.name)

    @staticmethod
    def _checked(call: Call, raw: Answer, asked: _Asked) -> Fact[Answer]:
        asked.reached = True
        answer = {name: value for name, value in raw.items() if name != "ResponseMetadata"}
        if not answer or (call.items is not None and not isinstance(answer.get(call.items), list)):
            # botocore reads a body that is cut off as an answer without members: that is no empty list.
            return Unknown(call.name, "empty or unreadable answer")
        return Known(answer, call.name)
