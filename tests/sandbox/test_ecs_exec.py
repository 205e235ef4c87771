"""ExecuteCommand: when a session opens, and what the caller and CloudTrail are told when it does not."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.client import Sandbox
from sandbox.gallery import build
from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, SSMMESSAGES, Application, deploy, network_configuration, prepare
from sandbox.gallery.network import Network
from sandbox.gallery.observe import running_task, try_exec
from sandbox.gallery.workbench import Workbench

UNAVAILABLE = "execute command was not enabled when the task was run or the execute command agent isn’t running"


@pytest.fixture(scope="module")
def bench(running_account: Sandbox) -> Workbench:
    running_account.reset(seed=5)
    return Workbench(running_account)


@pytest.fixture(scope="module")
def network(bench: Workbench) -> Network:
    return net.with_nat(bench, "shared")[0]


@pytest.fixture
def ecs(bench: Workbench) -> Any:
    return bench.client("ecs")


def execute(ecs: Any, task: str, **settings: Any) -> Any:
    wanted = {"cluster": CLUSTER, "container": "app", "command": "/bin/sh", "interactive": True, **settings}
    return ecs.execute_command(task=task, **wanted)


def test_a_session_opens(bench, ecs, network):
    deploy(bench, Application("opens", network, enable_exec=True))
    task = running_task(bench, "opens")
    answer = execute(ecs, task)
    assert answer["session"]["sessionId"].startswith("ecs-execute-command-")
    assert answer["taskArn"] == task
    assert execute(ecs, task.rsplit("/", 1)[-1], container="app")["containerName"] == "app"
    detail = bench.events()[-1]["detail"]
    assert "errorCode" not in detail
    assert detail["responseElements"]["session"]["tokenValue"] == "HIDDEN_DUE_TO_SECURITY_REASONS"


def test_a_refusal_is_reported_by_cloudtrail(bench, network):
    deploy(bench, Application("refused", network))
    event = try_exec(bench, "refused", command="cat /etc/hostname")
    detail = event["detail"]
    assert (event["detail-type"], event["source"]) == ("AWS API Call via CloudTrail", "aws.ecs")
    assert (detail["eventSource"], detail["eventName"]) == ("ecs.amazonaws.com", "ExecuteCommand")
    assert detail["errorCode"] == "InvalidParameterException"
    assert UNAVAILABLE in detail["errorMessage"]
    assert detail["responseElements"] is None
    assert detail["readOnly"] is False
    assert detail["userIdentity"]["arn"].startswith("arn:aws:sts::123456789012:assumed-role/")
    task = running_task(bench, "refused")
    assert detail["requestParameters"] == {
        "cluster": CLUSTER,
        "container": "app",
        "command": "cat /etc/hostname",
        "interactive": True,
        "task": task,
    }


@pytest.mark.parametrize("state", ["STOPPED", "PENDING"])
def test_an_agent_that_does_not_run_is_the_same_refusal(bench, ecs, network, state):
    name = f"agent{state.lower()}"
    deploy(bench, Application(name, network, enable_exec=True, environment={"SANDBOX_EXEC_AGENT": state}))
    task = running_task(bench, name)
    agents = ecs.describe_tasks(cluster=CLUSTER, tasks=[task])["tasks"][0]["containers"][0]["managedAgents"]
    assert agents[0]["lastStatus"] == state
    with pytest.raises(ecs.exceptions.InvalidParameterException, match=UNAVAILABLE):
        execute(ecs, task)


def test_an_agent_that_died_comes_back_with_a_new_task(bench, ecs, network):
    deploy(bench, Application("mortal", network, enable_exec=True))
    task = running_task(bench, "mortal")
    ecs.tag_resource(resourceArn=task, tags=[{"key": "sandbox:exec-agent", "value": "STOPPED"}])
    with pytest.raises(ecs.exceptions.InvalidParameterException):
        execute(ecs, task)
    agents = bench.events()[-2]["detail"]["containers"][0]["managedAgents"]
    assert agents == [{"name": "ExecuteCommandAgent", "status": "STOPPED"}]
    ecs.stop_task(cluster=CLUSTER, task=task)
    assert execute(ecs, running_task(bench, "mortal"))["session"]


@pytest.mark.parametrize("missing", SSMMESSAGES)
def test_each_of_the_four_actions_is_needed(bench, ecs, network, missing):
    name = f"lacks{SSMMESSAGES.index(missing)}"
    actions = [action for action in SSMMESSAGES if action != missing]
    deploy(bench, Application(name, network, enable_exec=True, task_actions=actions))
    task = running_task(bench, name)
    with pytest.raises(ecs.exceptions.TargetNotConnectedException, match="due to an internal error"):
        execute(ecs, task)
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": missing, "Resource": "*"}]}
    bench.client("iam").put_role_policy(RoleName=f"{name}-task", PolicyName="rest", PolicyDocument=json.dumps(document))
    assert execute(ecs, task)["session"]


def test_a_role_that_was_deleted_cuts_the_connection(bench, ecs, network):
    deploy(bench, Application("orphan", network, enable_exec=True))
    iam = bench.client("iam")
    iam.delete_role_policy(RoleName="orphan-task", PolicyName="permissions")
    iam.delete_role(RoleName="orphan-task")
    with pytest.raises(ecs.exceptions.TargetNotConnectedException):
        execute(ecs, running_task(bench, "orphan"))


def test_without_a_task_role_exec_cannot_be_enabled(bench, ecs, network):
    app = Application("roleless", network, task_actions=None)
    prepare(bench, app)
    placement = {"launchType": "FARGATE", "networkConfiguration": network_configuration(network)}
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="a valid task role is not being used"):
        ecs.run_task(cluster=CLUSTER, taskDefinition="roleless", enableExecuteCommand=True, **placement)
    service = {"cluster": CLUSTER, "serviceName": "roleless", "taskDefinition": "roleless", "desiredCount": 1}
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="couldn't be created because a valid taskRole"):
        ecs.create_service(**service, enableExecuteCommand=True, **placement)
    ecs.create_service(**service, **placement)
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="couldn't be updated because a valid taskRole"):
        ecs.update_service(cluster=CLUSTER, service="roleless", enableExecuteCommand=True)
    detail = bench.events()[-1]["detail"]
    assert (detail["eventName"], detail["errorCode"]) == ("UpdateService", "InvalidParameterException")


def test_what_is_not_there_cannot_be_entered(bench, ecs, network):
    deploy(bench, Application("target", network, enable_exec=True))
    task = running_task(bench, "target")
    for settings, error in (
        ({"cluster": "nowhere"}, "ClusterNotFoundException"),
        ({"container": "nobody"}, "InvalidParameterException"),
        ({"interactive": False}, "Interactive is the only mode"),
    ):
        with pytest.raises(ClientError, match=error):
            execute(ecs, task, **settings)
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="length should be one of"):
        execute(ecs, "short")
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="was not found"):
        execute(ecs, "f" * 32)
    ecs.stop_task(cluster=CLUSTER, task=task)
    with pytest.raises(ecs.exceptions.InvalidParameterException, match="was not found"):
        execute(ecs, task)


def test_a_named_user_is_named_as_the_caller(bench, ecs, network):
    deploy(bench, Application("named", network))
    iam = bench.client("iam")
    iam.create_user(UserName="kim")
    key = iam.create_access_key(UserName="kim")["AccessKey"]
    client = bench.sandbox.client("ecs")
    client._request_signer._credentials.access_key = key["AccessKeyId"]
    with pytest.raises(ClientError):
        execute(client, running_task(bench, "named"))
    assert bench.events()[-1]["detail"]["userIdentity"]["userName"] == "kim"


def test_a_caller_is_refused_by_the_policies_of_its_role(bench):
    scenario = build(bench, "exec_caller_denied")
    detail = scenario.event["detail"]
    assert (detail["errorCode"], detail["requestParameters"]) == ("AccessDeniedException", None)
    assert detail["userIdentity"]["sessionContext"]["sessionIssuer"]["arn"].endswith(":role/support")
    assert f"on resource: {scenario.params['task_arn']} because no identity-based" in detail["errorMessage"]
    iam = bench.client("iam")
    session = bench.client("sts").assume_role(
        RoleArn=iam.get_role(RoleName="support")["Role"]["Arn"], RoleSessionName="sam"
    )["Credentials"]
    ecs = boto3.session.Session().client(
        "ecs",
        endpoint_url=bench.sandbox.aws_url,
        region_name="eu-west-1",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    for resource, opens in (("task/shop/*", False), ("*", True)):
        on = f"arn:aws:ecs:eu-west-1:123456789012:{resource}"
        statement = {"Effect": "Allow", "Action": "ecs:ExecuteCommand", "Resource": on}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName="support", PolicyName="sessions", PolicyDocument=document)
        if opens:
            assert execute(ecs, str(scenario.params["task_arn"]))["session"]
        else:
            with pytest.raises(ClientError, match="cluster/shop because no identity-based policy"):
                execute(ecs, str(scenario.params["task_arn"]))
