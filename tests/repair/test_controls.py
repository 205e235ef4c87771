"""Of whatever the stack and the operator say, the stricter counts; what cannot be used allows nothing, and is said."""

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.ledger.controls import StoredControls
from ecs_medic.plan import Action
from ecs_medic.remedies.prices import ENDPOINT_HOUR, PUBLIC_ADDRESS_HOUR
from ecs_medic.repair.controls import Controls, Mode, controls_of
from ecs_medic.repair.mode import strictest
from ecs_medic.repair.stored_values import OPERATOR_FIELDS, STACK_FIELDS

ORDER = list(Mode)
POLICY = "arn:aws:iam::123456789012:policy/ecs-medic-exec"
# As the template's parameters write it, with nothing changed but the mode.
STACK: dict[str, Any] = {
    "mode": "auto",
    "approvers": [""],
    "auto_actions": [""],
    "max_monthly_cost_usd": 100,
    "attempts": 3,
    "window_hours": 24,
    "cool_down_minutes": 30,
    "approval_hours": 8,
    "owner_tag_keys": [""],
    "untagged_is_free": False,
    "cluster": "*",
    "retention_days": 30,
    "prices": "",
    "exec_policy_arn": "",
}


def of(stack: Any = None, operator: Any = None) -> Controls:
    return controls_of(StoredControls({**STACK, **(stack or {})}, operator))


LIMITS = st.sampled_from(["off", "ask", "auto"])
NUMBERS = {
    "max_monthly_cost_usd": st.floats(0, 99_999),
    "attempts": st.integers(0, 100),
    "window_hours": st.floats(1, 720),
    "cool_down_minutes": st.integers(0, 10_080),
    "approval_hours": st.floats(0.25, 48),
}
SAID = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["observe", "ask", "auto"]),
        "actions": st.dictionaries(st.sampled_from([one.value for one in Action]), LIMITS, max_size=4),
        "approvers": st.lists(st.sampled_from(["U111", "U222", "S333"]), max_size=3),
        "owner_tag_keys": st.lists(st.sampled_from(["terraform", "team"]), max_size=2),
        "stopped": st.just({"why": "freeze", "by": "me", "at": "then"}),
        **NUMBERS,
    },
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def test_no_stack_is_no_repair():
    assert controls_of(StoredControls()) == Controls()
    assert controls_of(StoredControls(None, {"mode": "auto"})).mode is Mode.OBSERVE
    assert controls_of(StoredControls({})).mode is Mode.OBSERVE


def test_what_the_template_writes_is_understood():
    found = of()
    assert found.complaints == ()
    assert found == Controls(mode=Mode.AUTO)


def test_everything_that_the_stack_says_counts():
    found = of(
        {
            "approvers": ["U111", "S333"],
            "auto_actions": ["create_vpc_endpoint", "force_new_deployment"],
            "max_monthly_cost_usd": 12.5,
            "owner_tag_keys": ["terraform", "team"],
            "untagged_is_free": True,
            "cluster": "shop-*",
            "retention_days": 7,
            "prices": "eu-west-3=0.011,eu-west-1=0.02,public_address=0.006",
            "exec_policy_arn": POLICY,
            "approval_hours": 2,
        }
    )
    assert found.complaints == ()
    assert (found.approvers, found.max_monthly_cost_usd, found.approval_hours) == (("U111", "S333"), 12.5, 2.0)
    assert found.policy.auto_actions == {Action.CREATE_VPC_ENDPOINT, Action.FORCE_NEW_DEPLOYMENT}
    assert (found.policy.owner_tag_keys, found.policy.untagged_is_free) == (("terraform", "team"), True)
    assert (found.policy.retention_days, found.policy.exec_policy_arn) == (7, POLICY)
    assert found.policy.prices.endpoint_hour == {**ENDPOINT_HOUR, "eu-west-3": 0.011, "eu-west-1": 0.02}
    assert (found.policy.prices.public_address_hour, of().policy.prices.public_address_hour) == (
        0.006,
        PUBLIC_ADDRESS_HOUR,
    )
    assert [found.covers(one) for one in ("shop-1", "shop-", "shop", "xshop-1")] == [True, True, False, False]


@given(SAID, SAID)
def test_of_both_the_stricter_counts(stack, operator):
    found, alone = of(stack, operator), of(stack)
    assert found.mode is strictest((alone.mode, Mode(operator.get("mode", "auto"))))
    for action in Action:
        before, after = alone.mode_of(action), found.mode_of(action)
        assert ORDER.index(after) <= ORDER.index(before)
        limit = operator.get("actions", {}).get(action.value)
        if limit is not None and limit != "auto":
            assert ORDER.index(after) <= ORDER.index(Mode.OBSERVE if limit == "off" else Mode.ASK)
    for name in NUMBERS:
        stricter = max if name in {"window_hours", "cool_down_minutes"} else min
        said = [one[name] for one in ({**STACK, **stack}, operator) if name in one]
        assert getattr(found, name) == stricter(said)
    assert set(found.approvers) <= set(alone.approvers)
    assert set(found.policy.owner_tag_keys) >= set(alone.policy.owner_tag_keys)
    assert (found.stopped is None) == ("stopped" not in stack and "stopped" not in operator)


@given(SAID, SAID)
def test_an_action_runs_unattended_only_where_it_is_listed_and_nobody_says_less(stack, operator):
    found = of(stack, operator)
    for action in Action:
        limits = [one.get("actions", {}).get(action.value) for one in (stack, operator)]
        listed = "auto" in limits and not {"ask", "off"} & set(limits)
        assert (action in found.policy.auto_actions) == listed


@given(st.sampled_from(sorted(OPERATOR_FIELDS)), JUNK, SAID)
def test_junk_from_the_operator_allows_no_more_than_without_and_never_fails(name, junk, stack):
    _is_no_laxer(of(stack, {name: junk}), of(stack), name, junk)


@given(st.sampled_from(sorted(STACK_FIELDS)), JUNK)
def test_junk_from_the_stack_allows_nothing_and_is_said(name, junk):
    found = of({name: junk})
    assert found.mode is Mode.OBSERVE or found.stopped is not None or not found.complaints
    if name not in {"stopped", "mode"} and found.complaints:
        assert f"stack: {name}: expected" in found.complaints[0]


def _is_no_laxer(found: Controls, without: Controls, name: str, junk: object) -> None:
    assert ORDER.index(found.mode) <= ORDER.index(without.mode)
    if found.mode is not Mode.OBSERVE:
        for action in Action:
            if action not in found.policy.auto_actions:
                assert ORDER.index(found.mode_of(action)) <= ORDER.index(without.mode_of(action))
        assert found.attempts <= without.attempts
        assert found.window_hours >= without.window_hours
    if name == "stopped" and junk is not None:
        assert found.stopped


@pytest.mark.parametrize("whose", ["stack", "operator"])
@pytest.mark.parametrize(
    ("name", "bad"),
    [
        ("mode", "AUTO"),
        ("mode", "on"),
        ("actions", ["create_vpc_endpoint"]),
        ("actions", {"create_vpc_endpont": "off"}),
        ("actions", {"create_vpc_endpoint": "never"}),
        ("max_monthly_cost_usd", "100"),
        ("max_monthly_cost_usd", float("nan")),
        ("max_monthly_cost_usd", float("inf")),
        ("max_monthly_cost_usd", -1),
        ("max_monthly_cost_usd", True),
        ("attempts", 2.5),
        ("attempts", 101),
        ("window_hours", 0),
        ("cool_down_minutes", "soon"),
        ("approval_hours", 49),
        ("approvers", "U111"),
        ("approvers", ["alice"]),
        ("owner_tag_keys", [7]),
        ("untagged_is_free", "true"),
    ],
)
def test_what_cannot_be_used_switches_off_and_is_said(whose, name, bad):
    whose = whose if name in OPERATOR_FIELDS else "stack"
    found = of({name: bad}) if whose == "stack" else of(None, {name: bad})
    assert found.mode is Mode.OBSERVE
    assert found.complaints[0].startswith(f"{whose}: {name}: expected ")
    assert found.complaints[0] in str(found.closed)


def test_what_is_not_known_has_no_effect_and_is_said():
    found = of({"newer": 1}, {"cluster": "shop", "colour": "red"})
    assert (found.mode, found.cluster) == (Mode.AUTO, "*")
    assert found.complaints == (
        "stack: newer is not known, and has no effect",
        "operator: cluster is not known, and has no effect",
        "operator: colour is not known, and has no effect",
    )


@pytest.mark.parametrize("whose", ["stack", "operator"])
def test_what_cannot_even_be_read_switches_off(whose):
    found = controls_of(StoredControls(STACK, None, (whose,)))
    assert (found.mode, found.complaints) == (Mode.OBSERVE, (f"{whose}: cannot be read",))


def test_the_operator_narrows_the_approvers_and_adds_none():
    found = of({"approvers": ["U111", "S333"]}, {"approvers": ["S333", "U999"]})
    assert found.approvers == ("S333",)
    assert found.complaints == ("operator: approvers: U999 is not among the stack's, and has no effect",)
    assert found.mode is Mode.AUTO
    assert of({"approvers": ["U111"]}, {"approvers": []}).approvers == ()


@pytest.mark.parametrize(
    ("stopped", "words"),
    [
        ({"why": "freeze.", "by": "arn:x", "at": "2026-11-22"}, "freeze (arn:x, 2026-11-22)"),
        ({"why": "  two\n lines "}, "two lines"),
        ({"by": "me"}, "no reason is given (me)"),
        ({}, "no reason is given"),
        (False, "no reason is given"),
        ("now", "no reason is given"),
        ({"why": 7, "by": ["x"]}, "no reason is given"),
    ],
)
def test_whatever_is_there_stops(stopped, words):
    found = of(None, {"stopped": stopped})
    assert found.stopped == words
    assert found.closed == f"Repairs are stopped: {words}."
    assert json.dumps(found.closed)


def test_every_field_of_the_controls_can_be_said():
    said_otherwise = {"policy", "complaints", "ceiling"}
    policy = {"auto_actions", "owner_tag_keys", "untagged_is_free", "prices", "retention_days", "exec_policy_arn"}
    assert {one.name for one in fields(Controls)} - said_otherwise | policy == set(STACK_FIELDS)
    assert set(OPERATOR_FIELDS) < set(STACK_FIELDS)
