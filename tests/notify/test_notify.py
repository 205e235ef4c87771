"""`notify`: what arrives in Slack, what is said where it does not, and what is never said."""

import json
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from ecs_medic_notify import BadInputError, SlackError, notify, slack
from sandbox.slack.limits import message_error
from tests.notify.endpoint import recorded, running
from tests.slack import server
from tests.slack.server import POSTED, Slack, be_silent, hang_up, promise_more, send, send_json, trickle

TOKEN = "xoxb-not-a-real-token"
PATH = "/services/T0/B0/secretpath"


@pytest.fixture
def stand_in() -> Iterator[Slack]:
    with server.running() as running_slack:
        running_slack.answers = [POSTED]
        yield running_slack


def by_token(stand_in: Slack, **more: str) -> dict[str, str]:
    return {"SLACK_BOT_TOKEN": TOKEN, "SLACK_CHANNEL": "#jobs", "SLACK_API_URL": f"{stand_in.url}/api/", **more}


def by_webhook(stand_in: Slack, **more: str) -> dict[str, str]:
    return {"SLACK_WEBHOOK_URL": f"{stand_in.url}{PATH}", **more}


@pytest.fixture(params=[by_token, by_webhook])
def environment(request: pytest.FixtureRequest, stand_in: Slack) -> Iterator[dict[str, str]]:
    with running(recorded("fargate")) as url:
        yield request.param(stand_in, ECS_CONTAINER_METADATA_URI_V4=url)


def test_the_message_says_who_is_speaking(stand_in, environment):
    notice = notify("import *finished*", environment=environment)
    (sent,) = stand_in.requests
    section, context = sent["blocks"]
    assert section["text"] == {"type": "mrkdwn", "text": "import *finished*"}
    assert context == {
        "type": "context",
        "elements": [
            {
                "type": "mrkdwn",
                "text": "`orders-import:17` · container `import` · cluster `shop` · "
                "task `bfa2636268144d039771334145e490c5` · `eu-west-1b` · `eu-west-1` · `FARGATE`",
            }
        ],
    }
    assert sent["text"] == "import *finished* (orders-import:17)"
    assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)
    assert notice.identity.task_definition == "orders-import:17"
    assert notice.unidentified is None


def test_by_token_it_goes_to_the_channel(stand_in):
    with running(recorded("ec2")) as url:
        environment = by_token(stand_in, ECS_CONTAINER_METADATA_URI_V4=url, SLACK_WEBHOOK_URL="http://unused.invalid")
        assert notify("done", environment=environment).posted_to == "#jobs"
        assert notify("done", channel="C012AB3CD", environment=environment).posted_to == "C012AB3CD"
    assert stand_in.paths == ["/api/chat.postMessage"] * 2
    assert [one["channel"] for one in stand_in.requests] == ["#jobs", "C012AB3CD"]
    assert stand_in.authorizations == [f"Bearer {TOKEN}"] * 2


def test_by_webhook_there_is_no_token_and_no_channel(stand_in):
    stand_in.answers = [send(body=b"ok")]
    environment = by_webhook(stand_in, SLACK_BOT_TOKEN=TOKEN, SLACK_CHANNEL="")
    notify("done", identify=False, environment=environment)
    assert stand_in.paths == [PATH]
    assert stand_in.authorizations == [None]
    assert "channel" not in stand_in.requests[0]


def test_without_identity_nothing_is_asked_and_nothing_said(stand_in, environment):
    environment["ECS_CONTAINER_METADATA_URI_V4"] = "http://127.0.0.1:9/"
    notice = notify("done", identify=False, environment=environment)
    assert [block["type"] for block in stand_in.requests[0]["blocks"]] == ["section"]
    assert (notice.identity, notice.unidentified) == (None, None)


def test_a_notice_is_not_lost_over_its_signature(stand_in):
    notice = notify("done", environment=by_token(stand_in))
    section, context = stand_in.requests[0]["blocks"]
    assert section["text"]["text"] == "done"
    assert context["elements"][0]["text"].startswith(":warning: sender unknown: not inside an ECS task")
    assert notice.identity is None
    assert notice.unidentified.startswith("not inside an ECS task")


def test_what_the_endpoint_does_not_tell_is_called_unknown(stand_in):
    answers = recorded("version_3")
    del answers["/task"]["Revision"]
    for container in answers["/task"]["Containers"]:
        container["Labels"] = None
    with running(answers) as url:
        notify("done", environment=by_token(stand_in, ECS_CONTAINER_METADATA_URI_V4=url))
    said = stand_in.requests[0]["blocks"][1]["elements"][0]["text"]
    assert said.startswith("`nightly` · container `nightly` · ")
    assert "zone unknown" in said


@pytest.mark.parametrize(
    "text",
    [
        "<!channel> <@U012AB3CD> <http://evil.example|safe> & done",
        "@here @channel @everyone",
        "x" * 100_000,
        "&" * 3_000,
        "🚀" * 3_000,
        "line\nline\r\n\ttab",
        "\x1b[31mred\x1b[0m \x00 \udc80",
        "```" * 5,
    ],
)
def test_no_text_breaks_the_message_or_calls_anybody(stand_in, text):
    answers = recorded("fargate")
    answers["/task"]["Family"] = answers[""]["Name"] = f"<!here> `{text}"
    with running(answers) as url:
        notify(text, environment=by_token(stand_in, ECS_CONTAINER_METADATA_URI_V4=url))
    (sent,) = stand_in.requests
    assert message_error(sent["text"], sent["blocks"], None) is None
    everything = json.dumps(sent, ensure_ascii=False)
    for forbidden in ("<!", "<@", "<http", "@here", "@channel", "@everyone", "\x1b", "\x00"):
        assert forbidden not in everything
    assert not any("\ud800" <= one <= "\udfff" for one in everything)
    for block in sent["blocks"]:
        shown = block["text"]["text"] if block["type"] == "section" else block["elements"][0]["text"]
        assert len(shown.encode("utf-16-le")) // 2 <= 3_000
        assert shown.count("&") == sum(shown.count(one) for one in ("&amp;", "&lt;", "&gt;"))


def test_a_long_text_is_seen_to_be_cut(stand_in):
    notify("start " + "x" * 5_000, identify=False, environment=by_token(stand_in))
    shown = stand_in.requests[0]["blocks"][0]["text"]["text"]
    assert shown.startswith("start ")
    assert shown.endswith("…")
    assert len(shown) == 3_000


@pytest.mark.parametrize(
    ("environment", "arguments", "said"),
    [
        ({}, {}, "expected SLACK_BOT_TOKEN and SLACK_CHANNEL, or SLACK_WEBHOOK_URL"),
        ({"SLACK_BOT_TOKEN": TOKEN}, {}, "SLACK_CHANNEL: is not set"),
        ({"SLACK_BOT_TOKEN": f"{TOKEN}\nX: y", "SLACK_CHANNEL": "#jobs"}, {}, "SLACK_BOT_TOKEN: expected a token"),
        ({"SLACK_WEBHOOK_URL": "file:///etc/passwd"}, {}, "SLACK_WEBHOOK_URL: expected an http or https address"),
        ({"SLACK_WEBHOOK_URL": "https://hooks.slack.com/services/T0/B0/s"}, {"channel": "#jobs"}, "--channel: needs"),
        ({"SLACK_BOT_TOKEN": TOKEN}, {"channel": " "}, "--channel: is empty"),
        (
            {"SLACK_BOT_TOKEN": TOKEN, "SLACK_CHANNEL": "#jobs", "SLACK_API_URL": "ftp://x"},
            {},
            "SLACK_API_URL: expected an http or https address",
        ),
    ],
)
def test_nowhere_to_post_is_bad_input_that_is_named(environment, arguments, said):
    with pytest.raises(BadInputError, match=said) as error:
        notify("done", environment=environment, **arguments)
    assert TOKEN not in str(error.value)


@pytest.mark.parametrize("text", ["", "  \n", "\x00"])
def test_no_text_is_bad_input(stand_in, text):
    with pytest.raises(BadInputError, match="text: is empty"):
        notify(text, environment=by_token(stand_in))
    assert stand_in.requests == []


def test_a_busy_slack_is_waited_for_and_asked_again(stand_in, environment, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr("ecs_medic_notify.slack.time", SimpleNamespace(sleep=waited.append))
    stand_in.answers = [send(429, b"rate_limited", {"Retry-After": "7"}), send(503, b""), POSTED]
    notify("done", environment=environment)
    assert len(stand_in.requests) == 3
    assert waited == [7.0, 1.0]


@pytest.mark.parametrize(("after", "tries"), [("31", 1), ("3600", 1), ("soon", 3), ("-1", 3), ("nan", 3), ("2", 3)])
def test_patience_has_an_end(stand_in, environment, monkeypatch, after, tries):
    monkeypatch.setattr("ecs_medic_notify.slack.time", SimpleNamespace(sleep=lambda _: None))
    stand_in.answers = [send(429, b"", {"Retry-After": after})]
    with pytest.raises(SlackError, match="unavailable"):
        notify("done", environment=environment)
    assert len(stand_in.requests) == tries


def test_a_refusal_is_told_with_advice_and_not_repeated(stand_in):
    stand_in.answers = [send_json({"ok": False, "error": "channel_not_found"})]
    with pytest.raises(SlackError, match=r"refused the message \(channel_not_found\): .*invite the app") as error:
        notify("done", environment=by_token(stand_in))
    assert error.value.code == "channel_not_found"
    assert len(stand_in.requests) == 1


@pytest.mark.parametrize(
    ("answer", "patience"),
    [
        (send(404, b"no_service"), 30),
        (send(302, b"", {"Location": "http://127.0.0.1:9/elsewhere"}), 30),
        (send(403, f"<html>{TOKEN} secretpath".encode()), 30),
        (hang_up, 30),
        (promise_more, 30),
        (trickle(30), 2),
        (be_silent(30), 2),
    ],
)
def test_no_failure_shows_token_or_address(stand_in, environment, monkeypatch, answer, patience):
    monkeypatch.setattr(slack, "REQUEST_SECONDS", patience)
    stand_in.answers = [answer]
    with pytest.raises(SlackError) as error:
        notify("done", environment=environment)
    shown = repr(error.value) + repr(error.value.__cause__) + repr(slack.destination(environment))
    assert TOKEN not in shown
    assert "secretpath" not in shown
    assert "127.0.0.1" not in shown
    assert "\n" not in str(error.value)
    assert len(stand_in.requests) == 1


def test_what_may_have_arrived_is_not_sent_again(stand_in, environment):
    stand_in.answers = [hang_up]
    with pytest.raises(SlackError, match="the message may have arrived"):
        notify("done", environment=environment)
    assert len(stand_in.requests) == 1


def test_nobody_there_is_tried_three_times(environment, stand_in, monkeypatch):
    waited: list[float] = []
    monkeypatch.setattr("ecs_medic_notify.slack.time", SimpleNamespace(sleep=waited.append))
    environment = {**environment, "SLACK_API_URL": "http://127.0.0.1:9", "SLACK_WEBHOOK_URL": "http://127.0.0.1:9/x"}
    with pytest.raises(SlackError, match="cannot be reached"):
        notify("done", environment=environment)
    assert waited == [1.0, 1.0]
