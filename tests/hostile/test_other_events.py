"""Ten thousand hostile events of services, deployments and API calls, each read and shown in every form."""

import pytest

from tests.hostile.events import other_events
from tests.hostile.harmless import IN_CI, IN_SOAK, do_no_harm


def test_other_events_do_no_harm():
    do_no_harm(other_events(), IN_CI)


@pytest.mark.soak
def test_many_other_events_do_no_harm():
    do_no_harm(other_events(), IN_SOAK)
