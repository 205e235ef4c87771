"""Rendered alerts, word for word. `UPDATE_GOLDEN=1 pytest tests/report/test_golden.py` renews them."""

import json
import os
from pathlib import Path

import pytest

from ecs_medic.report.slack_blocks import alert, details
from tests.report.examples import EXAMPLES

GOLDEN = Path(__file__).parent / "golden"


@pytest.mark.parametrize("name", EXAMPLES)
def test_rendered_messages_are_the_known_ones(name):
    report = EXAMPLES[name]()
    forms = {"alert": alert(report), "webhook": alert(report, threaded=False), "details": details(report)}
    rendered = {form: {"text": message.text, "blocks": message.blocks} for form, message in forms.items()}
    path = GOLDEN / f"{name}.json"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(json.dumps(rendered, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    assert rendered == json.loads(path.read_text(encoding="utf-8"))


def test_no_golden_file_is_left_over():
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(EXAMPLES)
