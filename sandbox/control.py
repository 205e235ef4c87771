"""The control endpoint: what a test or a demo asks of the account besides AWS's own APIs. JSON over HTTP.

GET /health · POST /reset {"seed": n?}
GET, DELETE /events (`?wait=seconds` with DELETE: takes them, waiting for a first one) · POST /events {event}
GET, DELETE /calls
GET, POST, DELETE /faults · DELETE /faults/<id>
GET, PATCH /behaviour
POST /cloudtrail/events {event}
/slack/…: the Slack stand-in, see `sandbox.slack.app`
PUT /durable-functions {"url"}: who answers Lambda's API for durable executions (`sandbox.durable`); null: nobody
POST /ecs/<name> {…}: what the account's ECS offers (`sandbox.ecs.CONTROL`)
"""

import json
import re
from collections.abc import Callable, Iterable
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.account import Account, ecs_engine
from sandbox.json_types import Json
from sandbox.lock import LOCK
from sandbox.slack.app import SlackApp

MAX_WAIT_SECONDS = 60.0

type Handler = Callable[[Request, str], Json]


class Refused(Exception):  # noqa: N818 - an answer, not a failure
    """A request that cannot be met; the message is shown to the caller."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


class ControlApp:
    """WSGI application of the control port."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._slack = SlackApp(account.slack)
        self._routes: tuple[tuple[str, str, Handler], ...] = (
            ("GET", r"/health", lambda _request, _rest: {"ok": True}),
            ("POST", r"/reset", self._reset),
            ("GET", r"/events", lambda _request, _rest: list(account.outbox.events())),
            ("DELETE", r"/events", self._take_events),
            ("POST", r"/events", self._emit),
            ("GET", r"/calls", lambda _request, _rest: account.calls.entries()),
            ("DELETE", r"/calls", lambda _request, _rest: account.calls.clear()),
            ("GET", r"/faults", lambda _request, _rest: account.faults.as_json()),
            ("POST", r"/faults", self._add_fault),
            ("DELETE", r"/faults", lambda _request, _rest: account.faults.clear()),
            ("DELETE", r"/faults/(\d+)", lambda _request, rest: account.faults.clear(int(rest))),
            ("GET", r"/behaviour", lambda _request, _rest: account.behaviour.as_json()),
            ("PATCH", r"/behaviour", self._change_behaviour),
            ("POST", r"/cloudtrail/events", self._add_trail_event),
            ("PUT", r"/durable-functions", self._offer_durable_functions),
            ("POST", r"/ecs/([a-z_]+)", self._ecs),
        )

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answers one request."""
        request = Request(environ)
        if request.path.startswith("/slack/"):
            return self._slack(environ, start_response)
        return self._answer(request)(environ, start_response)

    def _answer(self, request: Request) -> Response:
        try:
            for method, pattern, handler in self._routes:
                if method == request.method and (match := re.fullmatch(pattern, request.path)):
                    return _json(200, handler(request, match.group(1) if match.groups() else ""))
        except Refused as refused:
            return _json(refused.status, {"error": str(refused)})
        except (ValueError, TypeError, KeyError) as error:
            return _json(400, {"error": f"{type(error).__name__}: {error}"})
        return _json(404, {"error": f"{request.method} {request.path} does not exist"})

    def _reset(self, request: Request, _rest: str) -> Json:
        seed = _object(request).get("seed")
        self._account.reset(seed if isinstance(seed, int) else None)
        return {"ok": True}

    def _take_events(self, request: Request, _rest: str) -> Json:
        wait = min(float(request.args.get("wait", "0")), MAX_WAIT_SECONDS)
        return list(self._account.outbox.take(wait_seconds=wait))

    def _emit(self, request: Request, _rest: str) -> Json:
        self._account.outbox.emit(_object(request))
        return {"ok": True}

    def _add_fault(self, request: Request, _rest: str) -> Json:
        return self._account.faults.add(_object(request)).as_json()

    def _change_behaviour(self, request: Request, _rest: str) -> Json:
        with LOCK:
            self._account.behaviour.change(_object(request))
            return self._account.behaviour.as_json()

    def _add_trail_event(self, request: Request, _rest: str) -> Json:
        with LOCK:
            self._account.behaviour.trail_events.append(_object(request))
        return {"ok": True}

    def _offer_durable_functions(self, request: Request, _rest: str) -> Json:
        url = _object(request)["url"]
        self._account.durable_functions = None if url is None else str(url)
        return {"ok": True}

    def _ecs(self, request: Request, name: str) -> Json:
        engine = ecs_engine()
        handlers = getattr(engine, "CONTROL", {})
        if name not in handlers:
            raise Refused(404, f"the account's ECS has no {name!r}: it has {sorted(handlers)}")
        with LOCK:
            result: Json = handlers[name](_object(request))
            return result


def _object(request: Request) -> dict[str, Any]:
    raw = request.get_data()
    if not raw:
        return {}
    parsed = json.loads(raw)
    if not isinstance(parsed, dict):
        raise Refused(400, "the body must be a JSON object")
    return parsed


def _json(status: int, value: Json) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json")
