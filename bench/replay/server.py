"""The process: one port that answers as AWS (and as Slack), one for control, until standard input closes."""

import asyncio
import http.client
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bench.replay.http import Request, answer_bytes, read_request
from bench.replay.memory import Answer, Memory
from bench.replay.question import SLACK, Question, question_of

NOT_RECORDED = 599
"""What an unknown question is answered with: no status of AWS, and none that its clients try again."""

_OF_THE_CONNECTION = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding", "host"})
_UPSTREAM_SECONDS = 60


@dataclass(slots=True)
class Replaying:
    """What the process knows: whom it asks, what it remembers, since when and how it answers by itself."""

    aws: str
    slack: str | None
    memory: Memory = field(default_factory=Memory)
    delay: float | None = None
    """Seconds; None while it records."""
    calls: list[dict[str, Any]] = field(default_factory=list)

    async def answer(self, request: Request) -> bytes:
        """The answer of the account, or the remembered one `delay` seconds later."""
        started = time.monotonic()
        delay = self.delay
        question = question_of(request.method, request.target, request.headers, request.body)
        known: Answer | None
        if delay is None:
            recorded = await asyncio.to_thread(self._of_the_account, request)
            self.memory.keep(question, recorded)
            known = recorded
        else:
            known = self.memory.answer_to(question)
            # Not `delay` from here: what was needed to read the question is part of the delay, not added to it.
            await asyncio.sleep(started + delay - time.monotonic())
        answer = known or _not_recorded(question)
        of_head = request.method == "HEAD"
        written = answer_bytes(answer.status, answer.headers, answer.body, of_head=of_head)
        self.calls.append(
            {
                "service": question.service,
                "operation": question.operation,
                "digest": question.digest,
                "started": started,
                "ended": time.monotonic(),
                "status": answer.status,
                "refused": known is None,
            }
        )
        return written

    async def control(self, request: Request) -> bytes:
        """One order: `/freeze`, `/record`, `/forget`, `/calls`."""
        status = 200
        told: Any = None
        match request.method, request.target:
            case "POST", "/freeze":
                self.delay = float(json.loads(request.body)["delay"])
                self.memory.from_the_start()
            case "POST", "/record":
                self.delay = None
            case "POST", "/forget":
                self.memory.forget()
            case "GET", "/calls":
                told = self.calls
            case "DELETE", "/calls":
                self.calls.clear()
                self.memory.from_the_start()
            case _:
                status = 404
        return answer_bytes(status, [("Content-Type", "application/json")], json.dumps(told).encode())

    def _of_the_account(self, request: Request) -> Answer:
        base = self.slack if self.slack and request.target.startswith(SLACK) else self.aws
        connection = http.client.HTTPConnection(str(urlsplit(base).netloc), timeout=_UPSTREAM_SECONDS)
        try:
            headers = {name: value for name, value in request.lines if name.lower() not in _OF_THE_CONNECTION}
            connection.request(request.method, request.target, request.body or None, headers)
            response = connection.getresponse()
            body = response.read()
            own = tuple(one for one in response.getheaders() if one[0].lower() not in _OF_THE_CONNECTION)
            return Answer(response.status, own, body)
        finally:
            connection.close()


def _not_recorded(question: Question) -> Answer:
    said = {"__type": "NotRecorded", "message": f"{question.service}:{question.operation} was not recorded so"}
    return Answer(NOT_RECORDED, (("Content-Type", "application/x-amz-json-1.1"),), json.dumps(said).encode())


async def serve(aws: str, slack: str | None, host: str = "127.0.0.1") -> None:
    """Answer until standard input closes; print one line of JSON, {"aws", "control"}, as soon as both ports answer."""
    replaying = Replaying(aws, slack)
    servers = [await _listen(replaying.answer, host), await _listen(replaying.control, host)]
    aws_port, control_port = (server.sockets[0].getsockname()[1] for server in servers)
    sys.stdout.write(
        json.dumps({"aws": f"http://{host}:{aws_port}", "control": f"http://{host}:{control_port}"}) + "\n"
    )
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


async def _listen(answer: Callable[[Request], Awaitable[bytes]], host: str) -> asyncio.Server:
    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (request := await read_request(reader, writer)) is not None:
                writer.write(await answer(request))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            # Whoever asked has gone.
            pass
        finally:
            writer.close()

    return await asyncio.start_server(converse, host, 0)
