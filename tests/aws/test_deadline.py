"""The reader when its time runs out: nothing is asked late, nothing that hangs is waited for, and it says so."""

import math
import time
from collections.abc import Callable

import pytest

from ecs_medic.aws.reader import AwsUnavailable, Call, Reader
from ecs_medic.facts.fact import Known, Unknown
from sandbox.client import REGION

CLUSTERS = Call("ecs", "DescribeClusters", {})
VPCS = Call("ec2", "DescribeVpcs", {})


def countdown(seconds: float) -> Callable[[], float]:
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def test_after_the_deadline_nothing_is_asked(account):
    reader = Reader(REGION, seconds_left=lambda: 0.0)
    account.clear_calls()
    answers = {**reader.together({"wave": CLUSTERS}), "one": reader.read("ec2", "DescribeVpcs", {})}
    assert answers == {
        "wave": Unknown("ecs:DescribeClusters", "not read: no time was left"),
        "one": Unknown("ec2:DescribeVpcs", "not read: no time was left"),
    }
    assert account.calls() == []
    assert reader.ran_out_of_time
    assert reader.failures == (answers["wave"], answers["one"])
    reader.ensure_reached()


def test_time_that_is_not_over_changes_nothing(account):
    reader = Reader(REGION, seconds_left=lambda: 1000.0)
    assert isinstance(reader.together({0: CLUSTERS})[0], Known)
    assert not reader.ran_out_of_time


def test_a_call_that_hangs_is_not_waited_for_and_the_others_count(account):
    reader = Reader(REGION)
    assert isinstance(reader.together({0: VPCS, 1: CLUSTERS})[0], Known)
    account.fault("ecs", "DescribeClusters", "timeout", seconds=30)
    began = time.monotonic()
    # The clients are there: three seconds are plenty for the one that answers.
    answers = reader.again(countdown(3.0)).together({"hangs": CLUSTERS, "answers": VPCS})
    took = time.monotonic() - began
    account.clear_faults()
    assert answers["hangs"] == Unknown("ecs:DescribeClusters", "not answered in time: no time was left")
    assert reader.ran_out_of_time
    assert took < 14, "one attempt alone is given up after five seconds, all of them after more than fifteen"


def test_what_is_left_behind_tells_later_runs_nothing(account):
    reader = Reader(REGION)
    reader.together({0: CLUSTERS})
    account.fault("ecs", "DescribeClusters", "timeout", seconds=30)
    reader.again(countdown(0.3)).together({0: CLUSTERS})
    reader.again()
    account.clear_faults()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and len(account.calls("ecs")) < 3:
        time.sleep(0.1)
    assert len(account.calls("ecs")) >= 3, "what was left behind has tried again by now"
    assert (reader.trace, reader.failures, reader.ran_out_of_time) == ((), (), False)


def test_where_time_ran_out_nobody_says_that_aws_is_away(account):
    account.fault("*", "*", "timeout", seconds=30)
    reader = Reader(REGION, seconds_left=countdown(0.5))
    assert isinstance(reader.read("ecs", "DescribeClusters", {}), Unknown)
    account.clear_faults()
    reader.ensure_reached()


def test_pages_end_with_the_time(account):
    iam = account.client("iam")
    for number in range(4):
        iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument="{}")
    reader = Reader(REGION)
    # Over as soon as the second page has been asked for.
    reader.again(lambda: math.inf if len(reader.trace) < 2 else 0.0)
    fact = reader.together({0: Call("iam", "ListRoles", {"MaxItems": 1}, items="Roles")})[0]
    assert isinstance(fact, Unknown)
    assert reader.calls == ("iam:ListRoles",) * 2
    assert reader.failures == (fact,)


def test_a_list_with_very_many_pages_is_not_read_for_ever(account, monkeypatch):
    monkeypatch.setattr("ecs_medic.aws.reader._MOST_PAGES", 3)
    iam = account.client("iam")
    for number in range(6):
        iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument="{}")
    fact = Reader(REGION).together({0: Call("iam", "ListRoles", {"MaxItems": 1}, items="Roles")})[0]
    assert isinstance(fact, Unknown)
    assert "pages" in fact.reason


def test_an_aws_that_does_not_answer_before_the_deadline_is_away(account, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    reader = Reader(REGION, seconds_left=lambda: 1000.0)
    reader.read("ecs", "DescribeClusters", {})
    with pytest.raises(AwsUnavailable):
        reader.ensure_reached()
