"""A report that time ran out for says so, in each of its forms."""

import io
import json

from rich.console import Console

from ecs_medic.report import slack_blocks, terminal
from ecs_medic.report.model import Report
from ecs_medic.report.wording import PARTIAL
from tests.report.examples import endpoint_missing

ENDPOINT_MISSING = endpoint_missing()
PARTLY = ENDPOINT_MISSING.model_copy(update={"partial": True})


def printed(report: Report) -> str:
    out = io.StringIO()
    terminal.render(report, Console(file=out, width=100))
    return out.getvalue()


def test_every_form_says_so_in_one_sentence():
    assert printed(PARTLY).count(PARTIAL) == 1
    _, blocks = slack_blocks.alert(PARTLY)
    assert json.dumps(blocks, ensure_ascii=False).count(PARTIAL) == 1
    _, blocks = slack_blocks.alert(PARTLY, threaded=False)
    assert json.dumps(blocks, ensure_ascii=False).count(PARTIAL) == 1
    assert json.loads(PARTLY.model_dump_json())["partial"] is True


def test_a_whole_report_does_not():
    assert PARTIAL not in printed(ENDPOINT_MISSING)
    _, blocks = slack_blocks.alert(ENDPOINT_MISSING)
    assert PARTIAL not in json.dumps(blocks, ensure_ascii=False)
    assert json.loads(ENDPOINT_MISSING.model_dump_json())["partial"] is False


def test_a_report_of_an_earlier_version_is_whole():
    kept = json.loads(ENDPOINT_MISSING.model_dump_json())
    del kept["partial"]
    assert Report.model_validate(kept).partial is False
