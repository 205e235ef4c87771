"""A click in the Slack stand-in: a request as Slack signs it, and an address at which it can be answered."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from slack_sdk import WebClient
from slack_sdk.signature import SignatureVerifier
from slack_sdk.webhook import WebhookClient

from sandbox.client import SLACK_SIGNING_SECRET, Sandbox, SandboxError
from sandbox.slack.request import SlackRequest

OPS = "C0OPS"
OPTIONS = [{"text": {"type": "plain_text", "text": text}, "value": text} for text in ("1h", "8h")]
BLOCKS: list[dict[str, Any]] = [
    {
        "type": "actions",
        "block_id": "choices",
        "elements": [
            {"type": "button", "action_id": "go", "value": "run-1", "text": {"type": "plain_text", "text": "Go"}},
            {"type": "overflow", "action_id": "mute", "options": OPTIONS},
        ],
    },
    {
        "type": "section",
        "text": {"type": "mrkdwn", "text": "x"},
        "accessory": {"type": "button", "action_id": "more", "text": {"type": "plain_text", "text": "More"}},
    },
]


@pytest.fixture
def ts(account: Sandbox) -> str:
    slack = WebClient(token="xoxb-sandbox", base_url=account.slack_url)
    return str(slack.chat_postMessage(channel=OPS, text="alert", blocks=BLOCKS)["ts"])


def _payload(request: SlackRequest) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(parse_qs(request.body.decode())["payload"][0])
    return parsed


def _answer(request: SlackRequest, **body: Any) -> tuple[int, str]:
    answer = WebhookClient(_payload(request)["response_url"]).send_dict(body)
    return answer.status_code, answer.body


def test_a_click_is_signed_as_slack_signs(account, ts):
    request = account.slack_click(ts, "go")
    assert SignatureVerifier(SLACK_SIGNING_SECRET).is_valid_request(request.body, dict(request.headers))
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    other = account.slack_click(ts, "go", secret="another")
    assert not SignatureVerifier(SLACK_SIGNING_SECRET).is_valid_request(other.body, dict(other.headers))
    old = account.slack_click(ts, "go", at=1_700_000_000)
    assert old.headers["X-Slack-Request-Timestamp"] == "1700000000"
    assert not SignatureVerifier(SLACK_SIGNING_SECRET).is_valid_request(old.body, dict(old.headers))


def test_a_click_says_who_what_and_where(account, ts):
    payload = _payload(account.slack_click(ts, "go", "U0CAROL"))
    assert payload["type"] == "block_actions"
    assert (payload["user"]["id"], payload["user"]["username"]) == ("U0CAROL", "carol")
    assert (payload["channel"]["id"], payload["container"]["message_ts"], payload["message"]["ts"]) == (OPS, ts, ts)
    (action,) = payload["actions"]
    assert (action["action_id"], action["block_id"], action["value"]) == ("go", "choices", "run-1")


def test_menus_and_accessories(account, ts):
    (chosen,) = _payload(account.slack_click(ts, "mute", value="8h"))["actions"]
    assert (chosen["type"], chosen["selected_option"]["value"]) == ("overflow", "8h")
    (more,) = _payload(account.slack_click(ts, "more"))["actions"]
    assert "value" not in more


def test_a_click_in_a_thread(account, ts):
    slack = WebClient(token="xoxb-sandbox", base_url=account.slack_url)
    reply = slack.chat_postMessage(channel=OPS, text="x", blocks=BLOCKS, thread_ts=ts)["ts"]
    payload = _payload(account.slack_click(reply, "go"))
    assert payload["message"]["thread_ts"] == payload["container"]["thread_ts"] == ts


@pytest.mark.parametrize(
    "wanted",
    [{"ts": "1.2"}, {"action_id": "none"}, {"user": "U0NOBODY"}, {"action_id": "mute", "value": "9h"}],
)
def test_clicks_on_what_is_not_there(account, ts, wanted):
    with pytest.raises(SandboxError, match="KeyError"):
        account.slack_click(**{"ts": ts, "action_id": "go", "user": "U0ALICE", **wanted})


def test_an_answer_is_for_who_clicked(account, ts):
    request = account.slack_click(ts, "go", "U0CAROL")
    assert _answer(request, text="only you") == (200, "ok")
    assert _answer(request, text="everybody", response_type="in_channel") == (200, "ok")
    _, private, public = account.slack_messages()
    assert (private["text"], private["ephemeral_for"], private["channel"]) == ("only you", "U0CAROL", OPS)
    assert (public["text"], public["ephemeral_for"]) == ("everybody", None)


def test_an_answer_can_replace_or_remove_the_message(account, ts):
    request = account.slack_click(ts, "go")
    _answer(request, text="muted", replace_original=True)
    (message,) = account.slack_messages()
    assert (message["ts"], message["text"], message["edits"][0]["text"]) == (ts, "muted", "alert")
    _answer(request, delete_original=True)
    assert account.slack_messages() == []


def test_an_address_is_good_for_five_answers(account, ts):
    request = account.slack_click(ts, "go")
    for _ in range(5):
        assert _answer(request, text="x") == (200, "ok")
    status, body = _answer(request, text="x")
    assert (status, json.loads(body)["error"]) == (404, "used_url")
    assert WebhookClient(_payload(request)["response_url"] + "0").send(text="x").status_code == 404


def test_an_answer_has_the_limits_of_a_message(account, ts):
    assert _answer(account.slack_click(ts, "go"), text="x", blocks=[{"type": "banner"}]) == (400, "invalid_blocks")


def test_an_answer_can_meet_misbehaviour(account, ts):
    account.slack_misbehave("response_url", "server_error", status=503)
    request = account.slack_click(ts, "go")
    assert _answer(request, text="x")[0] == 503
    assert _answer(request, text="x") == (200, "ok")


def test_the_address_leads_where_the_handler_sees_slack(account, ts):
    url = _payload(account.slack_click(ts, "go", host_url="http://host.docker.internal:1234/"))["response_url"]
    assert url.startswith("http://host.docker.internal:1234/slack/response/")


@pytest.mark.parametrize("in_base64", [True, False])
def test_as_an_event_of_a_function_url(account, ts, in_base64):
    request = account.slack_click(ts, "go")
    event = request.as_function_url_event(in_base64=in_base64)
    assert event["headers"]["x-slack-signature"] == request.headers["X-Slack-Signature"]
    assert event["isBase64Encoded"] is in_base64
    assert (event["body"] == request.body.decode()) is not in_base64


def test_over_the_wire(account, ts):
    request = account.slack_click(ts, "go")
    got: list[tuple[str | None, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((self.headers["X-Slack-Signature"], body))
            self.send_response(200 if len(got) == 1 else 401)
            self.end_headers()
            self.wfile.write(b"done")

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}/"
        assert request.send(url) == (200, b"done")
        assert request.send(url) == (401, b"done")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert got[0] == (request.headers["X-Slack-Signature"], request.body)
