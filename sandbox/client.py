"""Starts the embedded account in a process of its own and talks to it: for tests and the demo."""

import contextlib
import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

import boto3
from botocore.config import Config

from sandbox.server_process import ServerDidNotStartError, ServerProcess
from sandbox.slack.request import SlackRequest
from sandbox.slack.workspace import SIGNING_SECRET

REGION = "eu-west-1"
REQUEST_SECONDS = 30.0
CONFIG = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=20, proxies={})
SLACK_BOT_TOKEN = "xoxb-sandbox"
SLACK_SIGNING_SECRET = SIGNING_SECRET


class SandboxError(Exception):
    """The account's process did not start, or refused a control request; the message says why."""


class Sandbox:
    """A running embedded account. Use as a context manager, or call `stop`; it also ends when this process ends."""

    def __init__(self, process: ServerProcess) -> None:
        self._process, addresses = process, process.addresses
        self.aws_url: str = addresses["aws"]
        self.control_url: str = addresses["control"]
        self.slack_url: str = addresses["slack"]
        self.webhook_url: str = addresses["webhook"]
        self._session: Any = boto3.session.Session()
        self._clients: dict[tuple[str, str, str | None], Any] = {}
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    @classmethod
    def start(cls, *, seed: int | None = None, host: str = "127.0.0.1", verbose: bool = False) -> Self:
        """Starts the process and waits until it answers; SandboxError when it does not within 90 s.

        `host` is the address to listen on: containers may need another one than this machine's own processes.
        """
        arguments = ["serve", "--until-stdin-closes", "--host", host]
        if seed is not None:
            arguments += ["--seed", str(seed)]
        if verbose:
            arguments.append("--verbose")
        try:
            return cls(ServerProcess.start("sandbox", arguments))
        except ServerDidNotStartError as error:
            raise SandboxError(f"the embedded account did not start: {error}") from None

    def __enter__(self) -> Self:
        """The running account itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the process."""
        self.stop()

    def stop(self) -> None:
        """Ends the process within seconds; may be called again."""
        self._process.stop()

    @property
    def pid(self) -> int:
        """Process id of the account's server."""
        return self._process.pid

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that point AWS SDKs and the service's Slack client at this account."""
        return {
            "AWS_ENDPOINT_URL": self.aws_url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
            "SLACK_API_URL": self.slack_url,
            "SLACK_WEBHOOK_URL": self.webhook_url,
            "SLACK_BOT_TOKEN": SLACK_BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SLACK_SIGNING_SECRET,
        }

    @contextlib.contextmanager
    def environ(self) -> Iterator[None]:
        """Sets this account's environment in the calling process for a while."""
        before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value

    def client(
        self, service: str, *, region: str = REGION, account: str | None = None, config: Config | None = None
    ) -> Any:
        """A boto3 client for this account, or for another one that the server holds as well.

        It does not retry and gives up after 20 s; `config` overrides that. Clients are slow to make: the ordinary ones
        are kept.
        """
        if config is not None:
            return self._new_client(service, region, account, CONFIG.merge(config))
        key = (service, region, account)
        if key not in self._clients:
            self._clients[key] = self._new_client(service, region, account, CONFIG)
        return self._clients[key]

    def _new_client(self, service: str, region: str, account: str | None, config: Config) -> Any:
        client = self._session.client(
            service,
            endpoint_url=self.aws_url,
            region_name=region,
            aws_access_key_id="testing",
            aws_secret_access_key="testing",  # noqa: S106 - no secret
            config=config,
        )
        if account is not None:

            def name_account(request: Any, **_: Any) -> None:
                request.headers["x-moto-account-id"] = account

            client.meta.events.register("before-send", name_account)
        return client

    def events(self) -> list[dict[str, Any]]:
        """The EventBridge events emitted and not yet taken, oldest first."""
        return self._list("GET", "/events")

    def take_events(self, *, wait_seconds: float = 0.0) -> list[dict[str, Any]]:
        """Removes and returns the emitted events; waits at most so long (and at most 60 s) for a first one."""
        return self._list("DELETE", f"/events?wait={wait_seconds}", seconds=REQUEST_SECONDS + wait_seconds)

    def calls(self, service: str | None = None) -> list[dict[str, Any]]:
        """The AWS calls that arrived, of all services or of one: service, operation, region, parameters, at, status."""
        return [call for call in self._list("GET", "/calls") if service in {None, call["service"]}]

    def clear_calls(self) -> None:
        """Forgets the calls so far."""
        self._control("DELETE", "/calls")

    def fault(self, service: str, operation: str, kind: str, **settings: Any) -> int:
        """Sets a fault and returns its id; `service` and `operation` may be `*`. Kinds and settings: sandbox.faults."""
        fault = {"service": service, "operation": operation, "kind": kind, **settings}
        return int(self._control("POST", "/faults", fault)["id"])

    def faults(self) -> list[dict[str, Any]]:
        """The faults that were set, with `hits`."""
        return self._list("GET", "/faults")

    def clear_faults(self, fault_id: int | None = None) -> None:
        """Removes one fault or all of them."""
        self._control("DELETE", "/faults" if fault_id is None else f"/faults/{fault_id}")

    def behave(self, **settings: Any) -> None:
        """Changes the account's behaviour (sandbox.behaviour): pending endpoints, service control policies."""
        self._control("PATCH", "/behaviour", settings)

    def add_trail_event(self, event: Mapping[str, Any]) -> None:
        """Adds an event that CloudTrail's LookupEvents then finds, in LookupEvents' own form."""
        self._control("POST", "/cloudtrail/events", event)

    def ecs(self, name: str, **arguments: Any) -> Any:
        """Asks the account's ECS for something that no AWS API offers."""
        return self._control("POST", f"/ecs/{name}", arguments)

    def offer_durable_functions(self, url: str | None) -> None:
        """Lets Lambda's API for durable executions be answered there (sandbox.durable); None: by nobody again."""
        self._control("PUT", "/durable-functions", {"url": url})

    def slack_messages(self, channel: str | None = None) -> list[dict[str, Any]]:
        """The messages in the Slack stand-in: channel, ts, thread_ts, text, blocks, edits, metadata."""
        return [m for m in self._list("GET", "/slack/messages") if channel in {None, m["channel"]}]

    def clear_slack(self) -> None:
        """Forgets the messages; channels and tokens stay."""
        self._control("DELETE", "/slack/messages")

    def slack_calls(self) -> list[dict[str, Any]]:
        """The Slack API calls that arrived: method, arguments, the answer's `error` if any."""
        return self._list("GET", "/slack/calls")

    def slack_misbehave(self, method: str, kind: str, **settings: Any) -> None:
        """Lets the next calls of a Slack method fail (`*`: any, `webhook`: the webhook): sandbox.slack.misbehaviour."""
        self._control("POST", "/slack/misbehaviour", {"method": method, "kind": kind, **settings})

    def slack_limit(self, method: str, calls: int | None, seconds: float = 0.0) -> None:
        """Allows so many calls of a Slack method within so many seconds, for each channel; None: any number again."""
        self._control("PATCH", "/slack/rate_limits", {"method": method, "calls": calls, "seconds": seconds})

    def put_slack_forward(self, seconds: float) -> None:
        """Gives messages to come a time so many seconds ahead of the machine's, where a caller's clock runs ahead."""
        self._control("PUT", "/slack/clock", {"seconds_ahead": seconds})

    def slack_click(self, ts: str, action_id: str, user: str = "U0ALICE", **settings: Any) -> SlackRequest:
        """The signed request that Slack sends when this person clicks there; more settings: sandbox.slack.clicks."""
        wanted = {"ts": ts, "action_id": action_id, "user": user, **settings}
        made = self._control("POST", "/slack/clicks", wanted)
        return SlackRequest(made["headers"], made["body"].encode())

    def slack_behave(self) -> None:
        """Ends all misbehaviour of the Slack stand-in."""
        self._control("DELETE", "/slack/misbehaviour")

    def reset(self, *, seed: int | None = None) -> None:
        """Empties the account: resources, events, calls, faults, behaviour, Slack; ids start at the seed again."""
        self._control("POST", "/reset", {} if seed is None else {"seed": seed})

    def _list(self, method: str, path: str, *, seconds: float = REQUEST_SECONDS) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = self._control(method, path, seconds=seconds)
        return answer

    def _control(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | Sequence[Any] | None = None,
        *,
        seconds: float = REQUEST_SECONDS,
    ) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.control_url + path, data=data, method=method)  # noqa: S310 - our own URL
        request.add_header("Content-Type", "application/json")
        try:
            with self._opener.open(request, timeout=seconds) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                raise SandboxError(f"{method} {path}: {error.read().decode()}") from None
