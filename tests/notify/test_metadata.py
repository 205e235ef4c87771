"""Which task and container this is, from answers in AWS's documented form and from bad ones."""

import copy
import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic_notify import Limits, MetadataError, Network, endpoint, identity_of, metadata
from ecs_medic_notify.task import container_of, task_of
from tests.notify.endpoint import recorded, running, say
from tests.slack.server import be_silent, hang_up, promise_more, trickle

V4, V3 = "ECS_CONTAINER_METADATA_URI_V4", "ECS_CONTAINER_METADATA_URI"
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("name", "who"),
    [
        (
            "fargate",
            ("orders-import:17", "import", "shop", "bfa2636268144d039771334145e490c5", "eu-west-1b", "FARGATE"),
        ),
        ("ec2", ("orders-export:26", "export", "shop", "158d1c8083dd49d6b527399fd6414f5c", "eu-west-1c", "EC2")),
        (
            "managed_instances",
            ("invoices:3", "worker", "shop", "cd189a933e5849daa93386466019ab50", "eu-west-1a", "MANAGED_INSTANCES"),
        ),
        ("version_3", ("nightly:5", "nightly", "default", "9781c248-0edd-4cdb-9a93-f63cb662a5d3", None, None)),
    ],
)
def test_every_documented_form_tells_who_it_is(name, who):
    with running(recorded(name)) as url:
        identity = identity_of(metadata({V4: url}))
    assert who == (
        identity.task_definition,
        identity.container,
        identity.cluster,
        identity.task,
        identity.zone,
        identity.launch_type,
    )
    assert (identity.region, identity.account) == ("eu-west-1", "123456789012")


def test_everything_is_typed():
    with running(recorded("fargate")) as url:
        read = metadata({V4: url})
    assert read.task.limits == Limits(cpu=0.25, memory=512)
    assert read.task.pull_started_at == datetime(2026, 11, 20, 15, 45, 33, 532811, UTC)
    assert [one.name for one in read.task.containers] == ["proxy", "import"]
    assert read.container.limits == Limits(cpu=128.0, memory=None)
    assert read.container.labels["com.amazonaws.ecs.container-name"] == "import"
    assert read.container.log_options["awslogs-group"] == "/ecs/orders-import"
    assert read.container.networks[0].ipv4_addresses == ("172.31.42.119",)
    assert read.container.exit_code is None
    with running(recorded("managed_instances")) as url:
        host = metadata({V4: url})
    assert host.container.networks == (Network(network_mode="host"),)
    assert host.container.restart_count == 0
    assert host.task.vpc_id == "vpc-1234567890abcdef0"


def test_a_version_3_is_read_by_its_own_variable_and_where_version_4_has_nothing():
    with running(recorded("version_3")) as url, running({}) as empty:
        assert metadata({V3: url}).task.family == "nightly"
        assert metadata({V4: empty, V3: url}).task.family == "nightly"
        with pytest.raises(MetadataError, match=r"_V4: .* answers with HTTP 404"):
            metadata({V4: empty, V3: empty})


def test_what_the_task_lacks_is_taken_from_the_agents_own_labels():
    answers = recorded("ec2")
    for field in ("Cluster", "TaskARN", "Family", "Revision"):
        del answers["/task"][field]
    del answers[""]["Name"]
    with running(answers) as url:
        identity = identity_of(metadata({V4: url}))
    assert (identity.task_definition, identity.container, identity.cluster) == ("orders-export:26", "export", "shop")
    assert identity.task == "158d1c8083dd49d6b527399fd6414f5c"


def test_the_container_is_told_only_where_there_is_no_doubt():
    alone, several = recorded("ec2"), recorded("fargate")
    del alone[""], several[""]
    with running(alone) as url:
        assert metadata({V4: url}).container.name == "export", "the pause container is the agent's own"
    with running(several) as url:
        assert metadata({V4: url}).container is None


def test_any_field_may_be_missing():
    for name in ("fargate", "ec2", "managed_instances", "version_3"):
        answers = recorded(name)
        for field in list(answers["/task"]):
            task = task_of({key: value for key, value in answers["/task"].items() if key != field})
            assert field == "Containers" or len(task.containers) == len(answers["/task"]["Containers"])
        for field in list(answers[""]):
            container = container_of({key: value for key, value in answers[""].items() if key != field})
            assert container.name == answers[""]["Name"], "a label tells it too"


@given(field=st.sampled_from(sorted(recorded("fargate")["/task"])), value=JSON)
def test_any_field_may_be_of_another_type(field, value):
    answer = copy.deepcopy(recorded("fargate")["/task"])
    answer[field] = value
    task = task_of(answer)
    if field != "Family":
        assert task.family == "orders-import"
    container = container_of({**recorded("fargate")[""], field: value})
    assert container.docker_name == "import"


def test_outside_of_ecs_there_is_one_clear_error():
    with pytest.raises(MetadataError) as error:
        metadata({})
    assert str(error.value).startswith("not inside an ECS task: ECS_CONTAINER_METADATA_URI_V4 is not set")
    assert "\n" not in str(error.value)
    with pytest.raises(MetadataError, match="not inside an ECS task"):
        metadata({V4: "  ", V3: ""})


@pytest.mark.parametrize("url", ["file:///etc/passwd", "169.254.170.2/v4/x", "http://", "http://a b/", "http://h:x/"])
def test_an_unusable_address_is_named(url):
    with pytest.raises(MetadataError, match="ECS_CONTAINER_METADATA_URI_V4: expected an http address"):
        metadata({V4: url})


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (say(403, b"no"), "HTTP 403"),
        (say(200, b"<html>"), "something else than JSON"),
        (say(200, b"[1]"), "something else than a JSON object"),
        (say(200, b"{}"), "not with a task's metadata"),
        (say(200, b"[" * 100_000), "something else than JSON"),
        (say(200, b'"' + b"x" * 1_100_000 + b'"'), "more than 1048576 bytes"),
        (say(302, b""), "HTTP 302"),
    ],
)
def test_a_useless_answer_is_an_error_in_one_line(answer, said):
    with running({"/task": answer}) as url, pytest.raises(MetadataError) as error:
        metadata({V4: url})
    assert said in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("answer", [hang_up, promise_more, be_silent(30), trickle(30)])
def test_an_answer_that_does_not_come_is_waited_for_no_longer_than_said(answer, monkeypatch):
    monkeypatch.setattr(endpoint, "REQUEST_SECONDS", 0.2)
    monkeypatch.setattr(endpoint, "WHOLE_SECONDS", 0.5)
    with running({"/task": answer}) as url:
        began = time.monotonic()
        with pytest.raises(MetadataError):
            metadata({V4: url})
        assert time.monotonic() - began < 15


def test_a_busy_endpoint_is_asked_again():
    answers = recorded("fargate")
    answers["/task"] = [say(429, b""), say(500, b""), say(200, json.dumps(answers["/task"]).encode())]
    with running(answers) as url:
        assert metadata({V4: url}).task.family == "orders-import"


def test_nobody_there_is_an_error(monkeypatch):
    monkeypatch.setattr(endpoint, "_PAUSES", (0.01,))
    with running({}) as url:
        pass
    with pytest.raises(MetadataError, match="no connection"):
        metadata({V4: url})


def test_no_proxy_is_asked_for_the_endpoint(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with running(recorded("fargate")) as url:
        assert metadata({V4: url}).task.family == "orders-import"
