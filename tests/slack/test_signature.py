"""Signatures against Slack's own example and slack-sdk's verifier, and everything that is none."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import SignatureVerifier

from ecs_medic.slack.signature import WINDOW_SECONDS, BadSignature, verify

NOW = datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)
SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BODY = b"payload=%7B%22type%22%3A%22block_actions%22%7D"


def signed(body: bytes = BODY, *, at: datetime = NOW, secret: str = SECRET) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    assert signature
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}


def test_the_example_of_slacks_documentation():
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
        b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
        b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
        b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
    )
    headers = {
        "X-Slack-Request-Timestamp": "1531420618",
        "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    }
    verify(headers, body, SECRET, datetime.fromtimestamp(1531420618, UTC))


@given(st.binary(max_size=500), st.text(min_size=1, max_size=50).filter(str.strip))
def test_any_body_and_secret_as_slack_sdk_signs_them(body, secret):
    timestamp = str(int(NOW.timestamp()))
    # slack-sdk takes text alone where it is not UTF-8.
    try:
        signature = SignatureVerifier(secret).generate_signature(timestamp=timestamp, body=body)
    except UnicodeDecodeError:
        return
    assert signature
    verify({"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}, body, secret, NOW)


def test_bytes_that_are_no_text_are_refused_not_raised_on():
    with pytest.raises(BadSignature, match="does not fit"):
        verify(signed(), b"\xff\xfe\x00", SECRET, NOW)


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_case_of_header_names_is_nothing(change):
    verify({change(name): value for name, value in signed().items()}, BODY, SECRET, NOW)


@pytest.mark.parametrize("seconds", [-WINDOW_SECONDS, -1, 0, WINDOW_SECONDS])
def test_within_the_window(seconds):
    verify(signed(at=NOW + timedelta(seconds=seconds)), BODY, SECRET, NOW)


@pytest.mark.parametrize("seconds", [-WINDOW_SECONDS - 1, WINDOW_SECONDS + 1, -86_400, 10**9])
def test_outside_the_window(seconds):
    with pytest.raises(BadSignature, match="Timestamp"):
        verify(signed(at=NOW + timedelta(seconds=seconds)), BODY, SECRET, NOW)


@pytest.mark.parametrize(
    "timestamp",
    ["", " ", "soon", "1e9", "-1", "+1", "1.5", "nan", "inf", "９", "1\n", "0x10", "1_000", "9" * 13, "9" * 5000],
)
def test_timestamps_that_are_none(timestamp):
    with pytest.raises(BadSignature, match="Timestamp") as caught:
        verify(signed() | {"X-Slack-Request-Timestamp": timestamp}, BODY, SECRET, NOW)
    assert len(caught.value.reason) < 100


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v0=",
        "v0=" + "0" * 64,
        "v1=" + "0" * 64,
        "タスク",
        "\ud800",
        "v0=" + "é" * 64,
        signed()["X-Slack-Signature"].upper(),
        signed()["X-Slack-Signature"][:-1],
        signed()["X-Slack-Signature"] + "0",
        signed()["X-Slack-Signature"].removeprefix("v0="),
        signed(secret="another")["X-Slack-Signature"],
        signed(BODY + b" ")["X-Slack-Signature"],
        signed(at=NOW - timedelta(seconds=1))["X-Slack-Signature"],
    ],
)
def test_signatures_that_are_of_something_else(signature):
    with pytest.raises(BadSignature, match="does not fit"):
        verify(signed() | {"X-Slack-Signature": signature}, BODY, SECRET, NOW)


@pytest.mark.parametrize("name", signed())
def test_missing_and_doubled_headers(name):
    headers = signed()
    with pytest.raises(BadSignature, match=f"{name}: given more than once"):
        verify(headers | {name.lower(): headers[name]}, BODY, SECRET, NOW)
    del headers[name]
    with pytest.raises(BadSignature, match=f"{name}: missing"):
        verify(headers, BODY, SECRET, NOW)


@pytest.mark.parametrize("body", [b"", BODY[:-1], BODY + b"&", BODY * 10_000, BODY.replace(b"%22", b'"')])
def test_changed_bodies(body):
    with pytest.raises(BadSignature, match="does not fit"):
        verify(signed(), body, SECRET, NOW)


def test_no_secret_lets_nobody_in():
    timestamp = str(int(NOW.timestamp()))
    forged = "v0=" + hmac.new(b"", f"v0:{timestamp}:".encode() + BODY, hashlib.sha256).hexdigest()
    with pytest.raises(BadSignature, match="no signing secret"):
        verify({"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": forged}, BODY, "", NOW)


@given(st.dictionaries(st.text(), st.text()), st.binary(), st.text())
def test_any_request_is_refused_in_one_line(headers, body, secret):
    with pytest.raises(BadSignature) as caught:
        verify(headers, body, secret, NOW)
    assert "\n" not in str(caught.value)
