import json

import pytest

from ecs_medic.slack.metadata import Metadata


def test_the_greatest_mark_is_small():
    longest = Metadata("\N{GRINNING FACE}" * 255, 10**9, "x" * 255)
    assert len(json.dumps(longest.as_json())) < 8000


@pytest.mark.parametrize(("alert_id", "attempt"), [("", "a"), ("a", ""), ("a" * 256, "a"), ("a", "a" * 256)])
def test_ids_that_are_none_or_too_long(alert_id, attempt):
    with pytest.raises(ValueError, match="expected 1 to 255 characters"):
        Metadata(alert_id, 1, attempt)
