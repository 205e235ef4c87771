"""Whatever allows less is heard, and said; only the tag of a service or a cluster takes the place of the mode."""

from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.facts.fact import Unknown
from ecs_medic.ledger.controls import StoredControls
from ecs_medic.plan import Action, Change, Safety
from ecs_medic.repair.consent import consent, withdrawn
from ecs_medic.repair.controls import Controls, Mode, controls_of
from ecs_medic.repair.proposal import Consent, Proposal

AUTO = Controls(mode=Mode.AUTO)
UNREAD = Unknown("ecs:DescribeServices", "denied", "ecs:DescribeServices")
ORDER = [Consent.OFF, Consent.ASK, Consent.GIVEN]


def change(
    action: Action = Action.CREATE_VPC_ENDPOINT, *, safety: Safety = Safety.AUTO, cost: float | None = 0.0
) -> Change:
    return Change(action, {}, safety, cost, "")


ENDPOINT, LOGS, EXEC = change(), change(Action.CREATE_LOG_GROUP), change(Action.ENABLE_EXECUTE_COMMAND)


def agreed(*changes: Change, controls: Controls = AUTO, tags: Mapping[str, str | Unknown] | None = None) -> Consent:
    return consent(changes, controls, tags or {})[0]


def test_what_is_safe_runs_unattended_where_the_mode_is_auto():
    assert consent((ENDPOINT, LOGS), AUTO, {}) == (Consent.GIVEN, None)


def test_one_change_that_is_not_safe_has_all_asked_about():
    assert agreed(LOGS, change(safety=Safety.ASK)) is Consent.ASK


@pytest.mark.parametrize("tags", [{"service": "auto"}, {"cluster": "auto"}, {"service": "auto", "cluster": "off"}])
def test_a_tag_takes_the_place_of_the_mode_but_not_of_observe_nor_of_the_operators_word(tags):
    assert agreed(LOGS, controls=Controls(mode=Mode.ASK), tags=tags) is Consent.GIVEN
    assert agreed(LOGS, controls=Controls(mode=Mode.ASK, ceiling=Mode.ASK), tags=tags) is Consent.ASK
    limited = Controls(mode=Mode.ASK, actions={Action.CREATE_LOG_GROUP: Mode.ASK})
    assert agreed(LOGS, controls=limited, tags=tags) is Consent.ASK
    found = consent((LOGS,), Controls(mode=Mode.OBSERVE), tags)
    assert found == (Consent.OFF, "Repairs are switched off: the mode is observe.")


def test_looking_again_later_is_asked_about_by_nobody_and_still_not_done_where_repairs_are_off():
    later = change(Action.RECHECK_LATER, safety=Safety.ASK)
    assert agreed(later, controls=Controls(mode=Mode.ASK)) is Consent.GIVEN
    assert agreed(later, LOGS, controls=Controls(mode=Mode.ASK)) is Consent.ASK
    assert agreed(later, controls=Controls(mode=Mode.OBSERVE)) is Consent.OFF
    proposal = Proposal((later,), Consent.GIVEN, mode=Mode.ASK)
    assert withdrawn(proposal, Controls(mode=Mode.ASK), approved=False) is None
    assert withdrawn(proposal, Controls(mode=Mode.AUTO, stopped="freeze (me)"), approved=False)


def test_a_vpcs_tag_never_loosens():
    assert agreed(ENDPOINT, controls=Controls(mode=Mode.ASK), tags={"vpc-0a": "auto"}) is Consent.ASK


@pytest.mark.parametrize("mode", list(Mode))
def test_the_kill_switch_is_always_off(mode):
    found = consent((LOGS,), Controls(mode=mode, stopped="freeze (me)"), {"service": "auto"})
    assert found == (Consent.OFF, "Repairs are stopped: freeze (me).")


@pytest.mark.parametrize(("service", "cluster", "vpc"), product((None, "off", "ask", "auto"), repeat=3))
def test_the_service_goes_before_the_cluster_and_the_vpc_counts_for_the_network(service, cluster, vpc):
    tags = {name: value for name, value in (("service", service), ("cluster", cluster), ("vpc-0a", vpc)) if value}
    order = ["off", "ask", "auto"]
    own = service or cluster or "auto"
    both = min(own, vpc or "auto", key=order.index)
    assert agreed(LOGS, tags=tags) is ORDER[order.index(own)]
    assert agreed(EXEC, tags=tags) is ORDER[order.index(own)]
    assert agreed(ENDPOINT, tags=tags) is ORDER[order.index(both)]
    assert agreed(LOGS, ENDPOINT, tags=tags) is ORDER[order.index(both)]


@pytest.mark.parametrize("value", ["", "on", "true", "observe", "of f", "аuto"])
@pytest.mark.parametrize("whose", ["service", "cluster", "vpc", "vpc-0abc"])
def test_a_tag_that_nobody_knows_is_off_and_said(whose, value):
    found, words = consent((ENDPOINT,), AUTO, {whose: value})
    assert found is Consent.OFF
    assert repr(value) in str(words)
    assert (whose if whose.startswith("vpc-") else {"vpc": "the VPC"}.get(whose, f"the {whose}")) in str(words)


@pytest.mark.parametrize("value", ["Auto", " auto ", "AUTO"])
def test_case_and_blanks_of_a_tag_do_not_matter(value):
    assert agreed(ENDPOINT, tags={"service": value}) is Consent.GIVEN


def test_tags_that_were_not_read_are_no_tags_that_are_not_there():
    found, words = consent((LOGS,), AUTO, {"service": UNREAD, "cluster": "auto"})
    assert (found, words) == (
        Consent.ASK,
        "The tags of the service were not read (missing permission ecs:DescribeServices).",
    )
    # The cluster's still counts: it may be all that there is.
    assert agreed(LOGS, tags={"service": UNREAD, "cluster": "off"}) is Consent.OFF
    # The service's own goes before it.
    assert agreed(LOGS, tags={"service": "auto", "cluster": UNREAD}) is Consent.GIVEN
    assert agreed(LOGS, tags={"vpc": UNREAD}) is Consent.GIVEN
    assert agreed(ENDPOINT, tags={"vpc": UNREAD}) is Consent.ASK


@pytest.mark.parametrize(("limit", "expected"), [("off", Consent.OFF), ("ask", Consent.ASK), ("auto", Consent.GIVEN)])
@pytest.mark.parametrize("whose", ["stack", "operator"])
def test_single_actions_are_limited(whose, limit, expected):
    said = {"actions": {"create_vpc_endpoint": limit}}
    stack = {"mode": "auto"}
    stored = StoredControls(stack | said, {}) if whose == "stack" else StoredControls(stack, said)
    found, words = consent((LOGS, ENDPOINT), controls_of(stored), {})
    assert found is expected
    assert agreed(LOGS, controls=controls_of(stored)) is Consent.GIVEN
    assert ("create_vpc_endpoint" in str(words)) == (limit != "auto")


@pytest.mark.parametrize(
    ("costs", "ceiling", "expected"),
    [
        ((60.0, 40.0), 100.0, Consent.GIVEN),
        ((60.0, 40.01), 100.0, Consent.ASK),
        ((0.0,), 0.0, Consent.GIVEN),
        ((0.01,), 0.0, Consent.ASK),
        ((1e6,), None, Consent.GIVEN),
        ((0.0, None), None, Consent.ASK),
        ((None,), 100.0, Consent.ASK),
    ],
)
def test_the_ceiling_is_exact_and_an_unknown_price_is_above_any(costs, ceiling, expected):
    controls = Controls(mode=Mode.AUTO, max_monthly_cost_usd=ceiling)
    assert agreed(*(change(cost=one) for one in costs), controls=controls) is expected


def test_the_ceiling_and_the_price_are_said_also_where_somebody_is_asked_anyway():
    controls = Controls(mode=Mode.ASK, max_monthly_cost_usd=100)
    assert consent((change(cost=1234.5),), controls, {}) == (
        Consent.ASK,
        "It costs $1,234.50 a month, above the ceiling of $100.00.",
    )
    assert consent((change(cost=None),), controls, {})[1] == "What it costs is not known."
    assert consent((change(cost=5.0),), controls, {}) == (Consent.ASK, None)


def test_other_clusters_are_left_alone():
    controls = Controls(mode=Mode.AUTO, cluster="shop-*")
    assert consent((LOGS,), controls, {}, cluster="shop-eu")[0] is Consent.GIVEN
    found = consent((LOGS,), controls, {"service": "auto"}, cluster="payments")
    assert found == (Consent.OFF, "Repairs are made only in clusters named shop-*, not in payments.")


SAID = st.fixed_dictionaries(
    {},
    optional={
        "mode": st.sampled_from(["observe", "ask", "auto", "AUTO", 1]),
        "actions": st.dictionaries(
            st.sampled_from(["create_vpc_endpoint", "create_log_group"]), st.sampled_from(["off", "ask", "auto"])
        ),
        "max_monthly_cost_usd": st.sampled_from([0, 50, 100, 99_999]),
        "stopped": st.just({"why": "freeze"}),
        "attempts": st.integers(-1, 5),
    },
)
TAG = st.sampled_from(["off", "ask", "auto", "what", UNREAD])
TAGS = st.dictionaries(st.sampled_from(["service", "cluster", "vpc", "vpc-0a"]), TAG)
CHANGES = st.lists(
    st.builds(
        change,
        st.sampled_from([Action.CREATE_VPC_ENDPOINT, Action.CREATE_LOG_GROUP, Action.REPLACE_TASK]),
        safety=st.sampled_from(Safety),
        cost=st.sampled_from([0.0, 60.0, None]),
    ),
    min_size=1,
    max_size=3,
)


@given(SAID, SAID, TAGS, CHANGES)
def test_the_operator_only_tightens_and_tags_never_wake_what_is_off(stack, operator, tags, changes):
    alone = consent(changes, controls_of(StoredControls(stack)), tags)[0]
    found, words = consent(changes, controls_of(StoredControls(stack, operator)), tags)
    assert ORDER.index(found) <= ORDER.index(alone)
    without_tags = consent(changes, controls_of(StoredControls(stack, operator)), {})[0]
    if without_tags is Consent.OFF:
        assert found is Consent.OFF
    if "auto" not in (tags.get("service"), tags.get("cluster")):
        assert ORDER.index(found) <= ORDER.index(without_tags)
    if operator.get("mode") == "ask":
        assert found is not Consent.GIVEN
    if "stopped" in operator or "stopped" in stack:
        assert found is Consent.OFF
    assert (words is None) <= (found is not Consent.OFF)
    if found is Consent.GIVEN:
        assert words is None
        assert all(one.safety is Safety.AUTO and one.monthly_cost_usd is not None for one in changes)
        assert stack["mode"] == "auto"
