"""Only Slack is ever written to, whatever address a request names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.slack.response_url import ResponseUrlError, check


@pytest.fixture(autouse=True)
def _nothing_stands_in(monkeypatch):
    monkeypatch.delenv("SLACK_API_URL", raising=False)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.slack.com/actions/T0/1/x",
        "https://hooks.slack.com:443/actions/T0/1/x",
        "https://HOOKS.slack.com/actions/T0/1/x",
        "https://hooks.slack-gov.com/actions/T0/1/x",
    ],
)
def test_slacks_own(url):
    assert check(url) == url


FOREIGN = [
    "",
    "hooks.slack.com/actions",
    "//hooks.slack.com/actions",
    "http://hooks.slack.com/actions",
    "ftp://hooks.slack.com/actions",
    "file:///etc/passwd",
    "https://hooks.slack.com.example.com/",
    "https://example.com/hooks.slack.com",
    "https://hooks.slack.com@example.com/",
    "https://example.com#@hooks.slack.com/",
    "https://user@hooks.slack.com/",
    "https://:pass@hooks.slack.com/",
    "https://hooks.slack.com:8443/",
    "https://hooks.slack.com:0/",
    "https://hooks.slack.com:x/",
    "https://hooks.slack.com\\@example.com/",
    "https://example.com\\.hooks.slack.com/",
    "https://hooks.slack.com /",
    "https://hooks.slack.com/\n",
    "https://hooks.slack.com\x00.example.com/",
    "https://hooks.slаck.com/",
    "https://xhooks.slack.com/",
    "https://hooks.slack.com./",
    "https://[hooks.slack.com/",
    "https://169.254.169.254/latest/meta-data/",
    "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next",
    "http://169.254.170.2/v2/credentials",
]


@pytest.mark.parametrize("url", FOREIGN)
def test_anybody_elses(url):
    with pytest.raises(ResponseUrlError) as caught:
        check(url)
    assert not url or url not in str(caught.value)


def test_the_one_that_stands_in_for_slack_and_no_other(monkeypatch):
    monkeypatch.setenv("SLACK_API_URL", "http://127.0.0.1:4567/slack/api/")
    assert check("http://127.0.0.1:4567/slack/response/x")
    assert check("https://hooks.slack.com/actions/x")
    for url in (
        "http://127.0.0.1:4568/slack/response/x",
        "https://127.0.0.1:4567/slack/response/x",
        "http://localhost:4567/slack/response/x",
        "http://127.0.0.1:4567@example.com/",
        "http://user@127.0.0.1:4567/",
        "http://127.0.0.1/",
    ):
        with pytest.raises(ResponseUrlError):
            check(url)


@given(st.text() | st.text().map("https://".__add__) | st.text().map("https://hooks.slack.com".__add__))
def test_any_text_is_slacks_or_refused(text):
    passed = None
    try:
        passed = check(text)
    except ResponseUrlError:
        return
    assert passed.lower().startswith(("https://hooks.slack.com", "https://hooks.slack-gov.com"))
    assert passed[len("https://hooks.slack.com") :][:1] in {"", "/", "?", "#", ":"}
