"""HTTP of the Slack stand-in.

POST or GET /slack/api/<method> · POST /slack/webhook/T000/B000/XXX · POST /slack/response/<key>
For tests: GET, DELETE /slack/messages · GET /slack/calls · GET, POST, DELETE /slack/misbehaviour ·
PATCH /slack/tokens/<token> {"state", "scopes"} · PATCH /slack/channels/<id> {"archived", "members"} ·
PATCH /slack/usergroups/<id> {"users"} · PATCH /slack/rate_limits {"method", "calls", "seconds"} ·
PUT /slack/clock {"seconds_ahead"}: of the machine's, for messages to come ·
POST /slack/clicks {"ts", "action_id", "user", …}: the request that Slack would send, see `sandbox.slack.clicks`
"""

import contextlib
import json
import math
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from werkzeug.wrappers import Request, Response

from sandbox.json_types import Json
from sandbox.slack import clicks, methods
from sandbox.slack.methods import SlackError
from sandbox.slack.misbehaviour import Kind, Misbehaviour
from sandbox.slack.workspace import RateLimit, Workspace

API = "/slack/api/"
WEBHOOK = "/slack/webhook/"
RESPONSE = "/slack/response/"
PIECES = 8

type Wsgi = Callable[..., Any]
type Does = Callable[[str, dict[str, Any]], Json]

# What a webhook says with which status; everything else is a 400.
WEBHOOK_STATUS = {"no_service": 404, "no_team": 404, "channel_not_found": 404, "channel_is_archived": 410}


class SlackApp:
    """WSGI application."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._routes: tuple[tuple[str, str, Does], ...] = (
            ("GET", "messages", lambda _name, _body: workspace.messages_as_json()),
            ("DELETE", "messages", lambda _name, _body: self._clear_messages()),
            ("GET", "calls", lambda _name, _body: list(workspace.calls)),
            ("GET", "misbehaviour", lambda _name, _body: [m.as_json() for m in workspace.misbehaviours]),
            ("POST", "misbehaviour", lambda _name, body: workspace.misbehave(Misbehaviour.from_json(body))),
            ("DELETE", "misbehaviour", lambda _name, _body: workspace.behave()),
            ("PATCH", r"tokens/([\w-]+)", self._change_token),
            ("PATCH", r"channels/(\w+)", self._change_channel),
            ("PATCH", r"usergroups/(\w+)", self._change_usergroup),
            ("PATCH", "rate_limits", self._change_rate_limit),
            ("PUT", "clock", self._put_clock_forward),
        )

    def __call__(self, environ: dict[str, Any], start_response: Wsgi) -> Iterable[bytes]:
        """Answers one request."""
        request = Request(environ)
        if request.path.startswith(API):
            answer = self._misbehaving(request, request.path.removeprefix(API), self._api)
        elif request.path.startswith(WEBHOOK):
            answer = self._misbehaving(request, "webhook", self._webhook)
        elif request.path.startswith(RESPONSE):
            answer = self._misbehaving(request, "response_url", self._response)
        elif (request.method, request.path) == ("POST", "/slack/clicks"):
            answer = self._click(request)
        else:
            answer = self._control(request)
        return answer(environ, start_response)

    def _misbehaving(self, request: Request, method: str, does: Callable[[Request], Response]) -> Response:
        misbehaviour = self._workspace.next_misbehaviour(method)
        if misbehaviour is None:
            return self._unless_too_often(request, method, does)
        kind = misbehaviour.kind
        answer = does(request) if misbehaviour.is_carried_out else None
        if answer is None:
            self._note(method, request, {"misbehaved": kind.value})
        if kind is Kind.RATELIMITED:
            return _too_often(misbehaviour.retry_after)
        if kind is Kind.ERROR:
            is_bare = method in {"webhook", "response_url"}
            return _webhook_error(misbehaviour.code) if is_bare else _json(SlackError(misbehaviour.code).as_json())
        if kind is Kind.SERVER_ERROR:
            return Response("Internal Server Error", misbehaviour.status, content_type="text/html")
        if kind is Kind.MALFORMED:
            return Response('{"ok": true, "ts":', 200, content_type="application/json; charset=utf-8")
        return self._lost_or_slow(request, answer, misbehaviour)

    def _unless_too_often(self, request: Request, method: str, does: Callable[[Request], Response]) -> Response:
        channel = str((_arguments(request) or {}).get("channel", ""))
        seconds = self._workspace.seconds_until_allowed(method, channel)
        if seconds <= 0:
            return does(request)
        self._note(method, request, {"misbehaved": Kind.RATELIMITED.value})
        return _too_often(math.ceil(seconds))

    def _lost_or_slow(self, request: Request, answer: Response | None, misbehaviour: Misbehaviour) -> Response:
        if misbehaviour.kind is Kind.SLOW_BODY and answer is not None:
            body = answer.get_data()
            headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
            return Response(self._slowly(body, misbehaviour.seconds), answer.status_code, headers)
        if misbehaviour.kind is Kind.TIMEOUT:
            self._workspace.wait(misbehaviour.seconds)
        connection: socket.socket = request.environ["werkzeug.socket"]
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        raise ConnectionAbortedError

    def _slowly(self, body: bytes, seconds: float) -> Iterator[bytes]:
        size = max(1, len(body) // PIECES)
        for start in range(0, len(body), size):
            self._workspace.wait(seconds / PIECES)
            yield body[start : start + size]

    def _api(self, request: Request) -> Response:
        method = request.path.removeprefix(API)
        arguments = _arguments(request)
        if arguments is None:
            return _json({"ok": False, "error": "invalid_json"})
        authorization = request.headers.get("Authorization", "")
        token = authorization.removeprefix("Bearer ") or arguments.get("token")
        with self._workspace.lock:
            answer = methods.call(self._workspace, method, token, arguments)
            self._note(method, request, {"error": answer.get("error")}, arguments)
        return _json(answer)

    def _webhook(self, request: Request) -> Response:
        workspace = self._workspace
        with workspace.lock:
            channel_id = workspace.webhooks.get(request.path.removeprefix(WEBHOOK))
            arguments = _arguments(request)
            code = None
            if channel_id is None:
                code = "no_service"
            elif arguments is None:
                code = "invalid_payload"
            elif workspace.channels[channel_id].archived:
                code = "channel_is_archived"
            else:
                try:
                    methods.new_message(workspace, workspace.channels[channel_id], "webhook", "webhook", arguments)
                except SlackError as error:
                    code = error.code
            self._note("webhook", request, {"error": code}, arguments or {})
        return _webhook_error(code) if code else Response("ok", 200, content_type="text/html")

    def _response(self, request: Request) -> Response:
        arguments = _arguments(request)
        code = None if arguments is not None else "invalid_payload"
        with self._workspace.lock:
            if arguments is not None:
                try:
                    clicks.respond(self._workspace, request.path.removeprefix(RESPONSE), arguments)
                except clicks.ResponseUrlError as error:
                    code = str(error)
                except SlackError as error:
                    code = error.code
            self._note("response_url", request, {"error": code}, arguments or {})
        if code in {"expired_url", "used_url"}:
            return _json({"ok": False, "error": code}, 404)
        return _webhook_error(code) if code else Response("ok", 200, content_type="text/html")

    def _click(self, request: Request) -> Response:
        try:
            settings = json.loads(request.get_data())
            with self._workspace.lock:
                return _json(clicks.click(self._workspace, settings, request.host_url))
        except (ValueError, TypeError, KeyError) as error:
            return _json({"error": f"{type(error).__name__}: {error}"}, 400)

    def _note(self, method: str, request: Request, outcome: dict[str, Json], arguments: Any = None) -> None:
        shown = arguments if arguments is not None else (_arguments(request) or {})
        shown = {name: value for name, value in shown.items() if name != "token"}
        with self._workspace.lock:
            self._workspace.calls.append({"method": method, "arguments": shown, **outcome})

    def _control(self, request: Request) -> Response:
        path = request.path.removeprefix("/slack/")
        try:
            for method, pattern, does in self._routes:
                if method == request.method and (match := re.fullmatch(pattern, path)):
                    body = json.loads(request.get_data() or b"{}")
                    with self._workspace.lock:
                        return _json(does(match.group(1) if match.groups() else "", body))
        except (ValueError, TypeError, KeyError) as error:
            return _json({"error": f"{type(error).__name__}: {error}"}, 400)
        return _json({"error": f"{request.method} {request.path} does not exist"}, 404)

    def _clear_messages(self) -> None:
        self._workspace.messages.clear()
        self._workspace.calls.clear()

    def _change_token(self, text: str, settings: dict[str, Any]) -> None:
        token = self._workspace.tokens[text]
        token.state = settings.get("state", token.state)
        token.scopes = tuple(settings.get("scopes", token.scopes))

    def _change_channel(self, channel_id: str, settings: dict[str, Any]) -> None:
        channel = self._workspace.channels[channel_id]
        channel.archived = settings.get("archived", channel.archived)
        channel.members = set(settings.get("members", channel.members))

    def _change_usergroup(self, group_id: str, settings: dict[str, Any]) -> None:
        self._workspace.usergroups[group_id].users = list(settings["users"])

    def _change_rate_limit(self, _name: str, settings: dict[str, Any]) -> None:
        calls = settings.get("calls")
        limit = None if calls is None else RateLimit(int(calls), float(settings["seconds"]))
        self._workspace.set_rate_limit(settings["method"], limit)

    def _put_clock_forward(self, _name: str, settings: dict[str, Any]) -> None:
        with self._workspace.lock:
            self._workspace.seconds_ahead = float(settings["seconds_ahead"])


def _arguments(request: Request) -> dict[str, Any] | None:
    """The call's arguments from JSON, form and query; None when the JSON is none."""
    arguments: dict[str, Any] = dict(request.args.items())
    if request.mimetype == "application/json":
        try:
            parsed = json.loads(request.get_data() or b"{}")
        except ValueError:
            return None
        return {**arguments, **parsed} if isinstance(parsed, dict) else None
    form = dict(request.form.items())
    if set(form) == {"payload"}:
        try:
            parsed = json.loads(form["payload"])
        except ValueError:
            return None
        return parsed if isinstance(parsed, dict) else None
    return {**arguments, **form}


def _json(value: Json, status: int = 200) -> Response:
    return Response(json.dumps(value), status, content_type="application/json; charset=utf-8")


def _too_often(seconds: int) -> Response:
    answer = _json({"ok": False, "error": "ratelimited"}, 429)
    answer.headers["Retry-After"] = str(seconds)
    return answer


def _webhook_error(code: str) -> Response:
    return Response(code, WEBHOOK_STATUS.get(code, 400), content_type="text/html")
