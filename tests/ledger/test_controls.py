"""What the stack and the operator say is kept as they said it, and read by one read."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ecs_medic.ledger import controls, keys
from ecs_medic.ledger.controls import StoredControls
from ecs_medic.ledger.table import Put

STACK = {"mode": "ask", "attempts": 3, "max_monthly_cost_usd": 99.5, "approvers": ["U123", "S456"]}


def calls(account):
    return [one["operation"] for one in account.calls("dynamodb")]


def test_nothing_is_said_at_first(table):
    assert controls.read(table) == StoredControls()


def test_both_are_read_at_once(table, account):
    controls.publish(table, STACK)
    controls.change(table, mode="observe")
    account.clear_calls()
    assert controls.read(table) == StoredControls(STACK, {"mode": "observe"})
    assert calls(account) == ["BatchGetItem"]


def test_the_stack_is_written_only_where_it_says_something_else(table, account):
    controls.publish(table, STACK)
    account.clear_calls()
    controls.publish(table, dict(reversed(STACK.items())))
    assert calls(account) == ["GetItem"]
    controls.publish(table, {**STACK, "mode": "auto"})
    assert controls.read(table).stack == {**STACK, "mode": "auto"}


def test_the_operator_says_one_thing_after_another_and_takes_it_back(table):
    assert controls.change(table, mode="ask", attempts=2) == {"mode": "ask", "attempts": 2}
    why = {"why": "freeze", "by": "me", "at": "now"}
    assert controls.change(table, stopped=why, mode=None) == {"attempts": 2, "stopped": why}
    assert controls.change(table, stopped=None) == {"attempts": 2}
    assert controls.read(table).operator == {"attempts": 2}
    assert controls.read(table).stack is None


def test_actions_are_changed_one_by_one(table):
    controls.change(table, actions={"create_log_group": "auto", "replace_task": "off"})
    after = controls.change(table, actions={"replace_task": None, "modify_vpc_dns": "ask"})
    assert after == {"actions": {"create_log_group": "auto", "modify_vpc_dns": "ask"}}
    assert controls.change(table, actions={"create_log_group": None, "modify_vpc_dns": None}) == {}


def test_of_many_changes_at_once_none_is_lost(table):
    names = [f"field_{number}" for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda name: controls.change(table, **{name: 1}), names))
    assert controls.read(table).operator == dict.fromkeys(names, 1)


@pytest.mark.parametrize("item", [{"body": "{"}, {"body": "[]"}, {"body": '"ask"'}, {"body": 7}, {"mode": "auto"}])
@pytest.mark.parametrize("whose", ["stack", "operator"])
def test_what_cannot_be_read_is_named_and_can_be_replaced(table, whose, item):
    controls.publish(table, STACK)
    controls.change(table, mode="ask")
    table.put(Put(keys.controls(whose), item))
    found = controls.read(table)
    assert found.unreadable == (whose,)
    assert getattr(found, whose) is None
    controls.publish(table, STACK)
    assert controls.change(table, stopped={"why": "x"})["stopped"] == {"why": "x"}
    assert controls.read(table).unreadable == ()


def test_one_attribute_that_a_person_wrote_by_hand_as_a_map_is_not_readable_either(table):
    table._client.put_item(
        TableName=table.name,
        Item={"pk": {"S": "controls"}, "sk": {"S": "operator"}, "body": {"M": {"mode": {"S": "auto"}}}},
    )
    assert controls.read(table).unreadable == ("operator",)
    assert controls.change(table, mode="ask") == {"mode": "ask"}
