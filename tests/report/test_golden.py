"""Rendered alerts, word for word. `UPDATE_GOLDEN=1 pytest tests/report/test_golden.py` renews them."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from ecs_medic.report.blocks import SlackMessage
from ecs_medic.report.slack_blocks import alert, details
from tests.report.examples import EXAMPLES
from tests.report.slack_rules import check
from tests.report.standings import SCENES

GOLDEN = Path(__file__).parent / "golden"


def forms_of(name: str) -> Mapping[str, SlackMessage]:
    """Everything that is said of one example."""
    if name in SCENES:
        return SCENES[name].messages()
    report = EXAMPLES[name]()
    return {"alert": alert(report), "webhook": alert(report, threaded=False), "details": details(report)}


@pytest.mark.parametrize("name", [*EXAMPLES, *SCENES])
def test_rendered_messages_are_the_known_ones(name):
    forms = forms_of(name)
    for message in forms.values():
        check(message.text, message.blocks, mention=SCENES[name].mention if name in SCENES else None)
    rendered = {form: {"text": message.text, "blocks": message.blocks} for form, message in forms.items()}
    path = GOLDEN / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(json.dumps(rendered, indent=2, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    assert rendered == json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["owner_is_a_user", "owner_is_a_group"])
def test_an_owner_who_has_an_id_is_mentioned_in_the_first_lines(name):
    scene = SCENES[name]
    message = scene.messages()["alert"]
    assert scene.mention
    assert scene.mention in json.dumps(message.blocks[:3])


def test_no_golden_file_is_left_over():
    assert {path.stem for path in GOLDEN.glob("*.json")} == {*EXAMPLES, *SCENES}
