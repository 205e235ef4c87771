"""A request is taken once, for as long as its signature is good."""

from ecs_medic.ledger import replays
from ecs_medic.ledger.rhythm import MINUTE, SECOND
from ecs_medic.slack.signature import WINDOW_SECONDS

NOW = 1_767_225_600_000


def test_the_first_is_taken_and_no_other(table):
    assert replays.take(table, "v0=a", owner="run-1", now=NOW)
    assert not replays.take(table, "v0=a", owner="run-2", now=NOW + MINUTE)
    assert replays.take(table, "v0=b", owner="run-3", now=NOW)


def test_the_same_run_may_write_it_twice(table):
    """Its first write may have arrived although the answer did not."""
    assert replays.take(table, "v0=a", owner="run-1", now=NOW)
    assert replays.take(table, "v0=a", owner="run-1", now=NOW)


def test_it_is_remembered_for_longer_than_the_signature_is_good():
    assert replays.KEPT > 2 * WINDOW_SECONDS * SECOND


def test_what_has_expired_and_still_stands_counts_as_gone(table):
    assert replays.take(table, "v0=a", owner="run-1", now=NOW)
    assert replays.take(table, "v0=a", owner="run-2", now=NOW + replays.KEPT + SECOND)
