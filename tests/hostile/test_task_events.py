"""Ten thousand hostile Task State Change events, each read and shown in every form."""

import pytest

from tests.hostile.events import task_events
from tests.hostile.harmless import IN_CI, IN_SOAK, do_no_harm


def test_task_events_do_no_harm():
    do_no_harm(task_events(), IN_CI)


@pytest.mark.soak
def test_many_task_events_do_no_harm():
    do_no_harm(task_events(), IN_SOAK)
