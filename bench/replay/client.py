"""Starts the replaying process and tells it what to do."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any, Self

from sandbox.client import REGION
from sandbox.server_process import ServerProcess

_CONTROL_SECONDS = 30.0


class Replay:
    """A running replay. It records until it is frozen. Use as a context manager, or call `stop`."""

    def __init__(self, process: ServerProcess, *, slack: bool) -> None:
        self._process = process
        self._control_url: str = process.addresses["control"]
        self._slack = slack
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.url: str = process.addresses["aws"]

    @classmethod
    def start(cls, aws_url: str, slack_url: str | None = None) -> Self:
        """Start the process in front of an account, and of a Slack if one is given (its `SLACK_API_URL`).

        Raises:
            ServerDidNotStartError: it says why on standard error.
        """
        arguments = [aws_url, *([slack_url] if slack_url else [])]
        return cls(ServerProcess.start("bench.replay", arguments), slack=slack_url is not None)

    def __enter__(self) -> Self:
        """The running replay itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Stops the process."""
        self.stop()

    def stop(self) -> None:
        """Ends the process within seconds; may be called again."""
        self._process.stop()

    @property
    def environment(self) -> dict[str, str]:
        """Environment variables that point AWS SDKs, and Slack's client where Slack is replayed, at this replay.

        To be laid over those of the account: `sandbox.environment | replay.environment`.
        """
        slack = {"SLACK_API_URL": f"{self.url}/slack/api/"} if self._slack else {}
        return slack | {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1,localhost",
        }

    def record(self) -> None:
        """Pass on what is asked, and remember the answers; so it begins."""
        self._order("POST", "/record")

    def freeze(self, delay: float) -> None:
        """From now on answer from memory alone, each answer `delay` seconds after its question, all at the same time.

        An unknown question is answered with status 599, and is among `refused`.
        """
        self._order("POST", "/freeze", {"delay": delay})

    def forget(self) -> None:
        """Remember no answer."""
        self._order("POST", "/forget")

    def clear(self) -> None:
        """Forget which requests came; questions with several answers get their first one again."""
        self._order("DELETE", "/calls")

    def calls(self) -> list[dict[str, Any]]:
        """The requests since the last `clear`, in the order in which they were answered.

        Each is service (as it is signed), operation, digest of what was asked, started and ended (seconds on the
        replay's own clock), status, refused.
        """
        calls: list[dict[str, Any]] = self._order("GET", "/calls")
        return calls

    def refused(self) -> list[dict[str, Any]]:
        """Those of them that nobody had asked while the answers were recorded."""
        return [call for call in self.calls() if call["refused"]]

    def _order(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = json.dumps(body or {}).encode()
        request = urllib.request.Request(self._control_url + path, data=data, method=method)  # noqa: S310 - our own
        with self._opener.open(request, timeout=_CONTROL_SECONDS) as answer:
            return json.loads(answer.read())
