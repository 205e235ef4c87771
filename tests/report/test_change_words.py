"""What changes are called: for every action, with and without its parameters, and in every Region's price."""

import pytest
from pydantic import JsonValue

from ecs_medic.plan import Action, Safety
from ecs_medic.remedies.registry import REMEDIES
from ecs_medic.report.change_words import LEAVES_NOTHING, SAFETY, WORDS, cost, how, names_of, total, undo, what

type Params = dict[str, JsonValue]

ENDPOINT: Params = {
    "vpc_id": "vpc-0a1b2c3d4e5f60718",
    "service_name": "com.amazonaws.eu-west-1.s3",
    "endpoint_type": "Gateway",
    "route_table_ids": ["rtb-1", "rtb-2"],
}


@pytest.mark.parametrize("action", Action)
def test_every_action_has_words_that_need_no_parameters(action):
    assert names_of(WORDS[action][-1]) == []
    assert what(action, {})[0].isupper()
    assert how(action, {}) == ""
    assert undo(action, {}).endswith(".")


@pytest.mark.parametrize("action", Action)
def test_every_action_names_what_it_is_about(action):
    for row in WORDS[action][:-1]:
        params: Params = {**{name: f"<{name}>" for name in names_of(row)}, "cidrs": ["<sides>"]}
        said = what(action, params) + how(action, params)
        for name in names_of(row):
            assert f"<{name}>" in said or name in {"sides", "cidrs"}


def test_a_gateway_is_no_interface():
    assert what(Action.CREATE_VPC_ENDPOINT, ENDPOINT) == "Create the gateway endpoint for com.amazonaws.eu-west-1.s3"
    assert "rtb-1, rtb-2" in how(Action.CREATE_VPC_ENDPOINT, ENDPOINT)
    assert "routes go with it" in undo(Action.CREATE_VPC_ENDPOINT, ENDPOINT)


def test_empty_parameters_are_none():
    params: Params = {**ENDPOINT, "route_table_ids": []}
    assert what(Action.CREATE_VPC_ENDPOINT, params) == "Create VPC endpoints"


def test_values_cannot_be_templates():
    params: Params = {**ENDPOINT, "service_name": "{vpc_id.__class__}"}
    assert what(Action.CREATE_VPC_ENDPOINT, params) == "Create the gateway endpoint for {vpc_id.__class__}"


def test_long_lists_are_counted():
    params: Params = {**ENDPOINT, "route_table_ids": [f"rtb-{number}" for number in range(20)]}
    assert "rtb-7 and 12 more, with a route" in how(Action.CREATE_VPC_ENDPOINT, params)


def test_a_rule_names_every_side():
    params: Params = {"security_group_id": "sg-1", "cidrs": ["10.0.0.0/16"], "prefix_list_ids": ["pl-1"]}
    assert what(Action.AUTHORIZE_TASK_EGRESS, params) == "Allow 443 out of the task's security group sg-1"
    assert how(Action.AUTHORIZE_TASK_EGRESS, params) == "To 10.0.0.0/16, pl-1."


def test_what_cannot_be_undone_is_what_no_remedy_undoes():
    irreversible = {action for action, remedy in REMEDIES.items() if not remedy.reversible}
    assert irreversible | {Action.RECHECK_LATER} == LEAVES_NOTHING
    assert all(word in undo(one, {}).lower() for one in irreversible for word in ("undo",))


def test_every_safety_has_a_word():
    assert set(SAFETY) == set(Safety)


@pytest.mark.parametrize(
    ("dollars", "words"),
    [(None, "price not known"), (0.0, "no fixed cost"), (16.06, "about $16.06 a month plus traffic")],
)
def test_no_price_is_not_nothing(dollars, words):
    assert cost(Action.CREATE_VPC_ENDPOINT, dollars) == words


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        ([0.0], "1 change, no fixed cost"),
        ([8.03], "1 change, about $8.03 a month"),
        ([8.03, 0.0], "2 changes, about $8.03 a month together"),
        ([None], "1 change, the price of 1 is not known"),
        ([8.03, None], "2 changes, at least $8.03 a month: the price of 1 is not known"),
    ],
)
def test_a_total_says_what_it_leaves_out(costs, words):
    assert total(costs) == words
