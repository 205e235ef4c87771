"""What a secret may look like, and what is said when it looks otherwise."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.slack.credentials import Credentials, SlackCredentialsError, parse_credentials, read_credentials
from ecs_medic.slack.delivery import Channel, Webhook

TOKEN = "xoxb-not-a-real-token"
URL = "https://hooks.slack.com/services/T0/B0/x"


def test_secret_is_fetched_by_name():
    asked: list[str] = []

    def fetch(name: str) -> str:
        asked.append(name)
        return TOKEN

    assert read_credentials(fetch, "prod/slack") == Credentials(bot_token=TOKEN)
    assert asked == ["prod/slack"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (TOKEN, Credentials(bot_token=TOKEN)),
        (f" {TOKEN}\n", Credentials(bot_token=TOKEN)),
        (f'"{TOKEN}"', Credentials(bot_token=TOKEN)),
        (URL, Credentials(webhook_url=URL)),
        (json.dumps({"bot_token": TOKEN}), Credentials(bot_token=TOKEN)),
        (json.dumps({"bot_token": TOKEN, "webhook_url": None, "note": 1}), Credentials(bot_token=TOKEN)),
        (
            json.dumps({"bot_token": f"{TOKEN}\n", "webhook_url": URL, "signing_secret": "abc"}),
            Credentials(TOKEN, URL, "abc"),
        ),
        (
            json.dumps({"webhook_url": "http://127.0.0.1:9/services/x"}),
            Credentials(None, "http://127.0.0.1:9/services/x"),
        ),
    ],
)
def test_forms_of_the_secret(value, expected):
    assert parse_credentials(value) == expected


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("", "secret: is empty"),
        ("  \n", "secret: is empty"),
        ("hunter2", "secret: expected a bot token"),
        ('{"bot_token": "xoxb-canary', "secret: begins like a JSON object"),
        ("{}", "bot_token, webhook_url, signing_secret"),
        ('{"token": "xoxb-canary"}', "bot_token, webhook_url, signing_secret"),
        ('{"bot_token": 5}', "bot_token: expected a string, not int"),
        ('{"bot_token": ["xoxb-canary"]}', "bot_token: expected a string, not list"),
        ('{"bot_token": "canary"}', "bot_token: expected"),
        ('{"bot_token": "xoxb-can ary"}', "bot_token: expected"),
        ('{"bot_token": "xoxb-canáry"}', "bot_token: expected"),
        ('{"bot_token": "xapp-canary"}', "bot_token: this is an app-level token"),
        ('{"webhook_url": "hooks.slack.com/services/canary"}', "webhook_url: expected"),
        ('{"webhook_url": "http://hooks.slack.com/services/canary"}', "webhook_url: expected"),
        ('{"webhook_url": "https://[canary"}', "webhook_url: expected"),
        ('{"webhook_url": "file:///etc/canary"}', "webhook_url: expected"),
    ],
)
def test_bad_secrets_give_one_clear_line_without_the_value(value, named):
    with pytest.raises(SlackCredentialsError) as caught:
        parse_credentials(value)
    assert named in str(caught.value)
    assert "canary" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_token_and_channel_win_over_the_webhook():
    both = Credentials(TOKEN, URL)
    assert both.destination("#alerts") == Channel(TOKEN, "#alerts")
    assert both.destination(None) == Webhook(URL)
    assert both.destination(" ") == Webhook(URL)


def test_nowhere_to_post():
    with pytest.raises(SlackCredentialsError, match="channel"):
        Credentials(bot_token=TOKEN).destination(None)
    with pytest.raises(SlackCredentialsError, match="webhook_url"):
        Credentials(signing_secret="abc").destination("#alerts")


def test_nothing_shows_in_a_representation():
    shown = repr(Credentials(TOKEN, URL, "abc"))
    assert TOKEN not in shown
    assert URL not in shown
    assert "abc" not in shown


@given(
    st.one_of(
        st.text(),
        st.recursive(
            st.none() | st.integers() | st.text(),
            lambda inner: st.dictionaries(st.sampled_from(["bot_token", "webhook_url", "signing_secret", "x"]), inner),
        ).map(json.dumps),
    )
)
def test_any_text_is_credentials_or_one_error(value):
    named = "secret"
    try:
        parse_credentials(value)
    except SlackCredentialsError as error:
        named = str(error).split(":", maxsplit=1)[0]
    assert named in {"secret", "bot_token", "webhook_url", "signing_secret"}
