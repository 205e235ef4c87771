"""The app manifest asks for what delivery needs, and for nothing more."""

from pathlib import Path

import yaml  # type: ignore[import-untyped]

MANIFEST = yaml.safe_load((Path(__file__).parents[2] / "docs" / "slack-app-manifest.yaml").read_text(encoding="utf-8"))


def test_scopes_are_those_of_posting_and_of_finding_again():
    scopes = MANIFEST["oauth_config"]["scopes"]
    assert set(scopes) == {"bot"}
    posting = {"chat:write", "chat:write.public"}
    finding_again = {"channels:history", "groups:history"}
    who_may_approve = {"usergroups:read"}
    assert set(scopes["bot"]) == posting | finding_again | who_may_approve
    assert MANIFEST["features"]["bot_user"]["display_name"] == "ecs-medic"


def test_slack_sends_nothing_to_us():
    assert MANIFEST["settings"]["interactivity"] == {"is_enabled": False}
    assert MANIFEST["settings"]["socket_mode_enabled"] is False


def test_texts_have_the_length_that_slack_accepts():
    shown = MANIFEST["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
