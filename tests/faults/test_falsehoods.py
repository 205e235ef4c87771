"""The matrix sees what it is there for: a confirmed finding that says anything else than the undisturbed one."""

from typing import Any

import pytest

from tests.faults.cells import Cell
from tests.faults.test_matrix import nothing_false, the_same_verdict
from tests.faults.theatre import Performance

PAGES = Cell("ec2:DescribeVpcEndpoints", "pages", "ecr_dkr_endpoint_missing")
SO: dict[str, Any] = {"services": ["ecr.dkr"], "vpc_id": "vpc-1"}


def performance(cause: str = "vpc_endpoint_missing", subject: str = "vpc-1", **params: Any) -> Performance:
    evidence = [{"source": "ec2:DescribeVpcEndpoints"}]
    found = {"cause": cause, "subject": subject, "params": params, "confidence": "confirmed", "evidence": evidence}
    return Performance({"verdict": {"cause": cause}}, report={"findings": [found], "not_checked": []})


FALSE = {
    "another cause": performance("route_missing", **SO),
    "another resource": performance(subject="vpc-2", **SO),
    "another service": performance(**SO | {"services": ["ecr.api"]}),
    "more services": performance(**SO | {"services": ["ecr.api", "ecr.dkr"]}),
    "something more": performance(**SO, port=443),
}


@pytest.mark.parametrize("what", FALSE)
def test_what_is_false_is_seen(what):
    with pytest.raises(AssertionError):
        nothing_false(FALSE[what], performance(**SO), PAGES, ("app_exited",))


@pytest.mark.parametrize("what", [{**SO}, {"vpc_id": "vpc-1"}, SO | {"services": []}, SO | {"services": None}])
def test_what_says_less_is_not_false(what):
    nothing_false(performance(**what), performance(**SO), PAGES, ())


def test_what_a_scenario_has_also_and_an_empty_list_shows_is_not_false():
    nothing_false(FALSE["another cause"], performance(**SO), PAGES, ("route_missing",))
    empty = Cell("ec2:DescribeVpcEndpoints", "empty", "ecr_dkr_endpoint_missing")
    nothing_false(FALSE["more services"], performance(**SO), empty, ())


def test_among_thousands_no_less_is_found():
    the_same_verdict(performance(**SO), performance(**SO), PAGES)
    for other in (performance(vpc_id="vpc-1"), FALSE["another service"]):
        with pytest.raises(AssertionError):
            the_same_verdict(other, performance(**SO), PAGES)
