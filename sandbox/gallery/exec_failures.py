"""ECS Exec sessions that do not open."""

import json
from typing import Any

import boto3

from sandbox.client import CONFIG, REGION
from sandbox.gallery import network as net
from sandbox.gallery.application import ACCOUNT, CLUSTER, SSMMESSAGES, Application, create_role, deploy
from sandbox.gallery.observe import running_task, try_exec
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench

AGENT_TAG = "sandbox:exec-agent"
SUPPORT = "support"
TRIGGER = "aws ecs execute-command on the running task"


def exec_not_enabled(bench: Workbench) -> Scenario:
    """The service was created without enableExecuteCommand; everything else would allow a session."""
    network = net.with_endpoints(bench, "orders", [*net.START, "ssmmessages"])
    deploy(bench, Application("orders", network))
    return Scenario(
        name="exec_not_enabled",
        title="ECS Exec was not enabled when the task started",
        trigger=TRIGGER,
        event=try_exec(bench, "orders"),
        cause="exec_not_enabled",
        params={"task_arn": running_task(bench, "orders"), "container": "app"},
        cluster=CLUSTER,
        service="orders",
        resources=network.ids(),
    )


def exec_agent_stopped(bench: Workbench) -> Scenario:
    """The agent has died in a running task."""
    return _agent(bench, "payments", "STOPPED", "exec_agent_stopped", "The ECS Exec agent has stopped in the container")


def exec_agent_pending(bench: Workbench) -> Scenario:
    """The agent has not come up yet."""
    return _agent(bench, "invoices", "PENDING", "exec_agent_pending", "The ECS Exec agent is still starting")


def exec_task_role_lacks_ssmmessages(bench: Workbench) -> Scenario:
    """The task role allows other things, but not the four actions of the agent."""
    network = net.with_endpoints(bench, "catalog", [*net.START, "ssmmessages"])
    deploy(bench, Application("catalog", network, task_actions=("s3:GetObject",), enable_exec=True))
    return Scenario(
        name="exec_task_role_lacks_ssmmessages",
        title="The task role may not call the four ssmmessages actions",
        trigger=TRIGGER,
        event=try_exec(bench, "catalog"),
        cause="exec_task_role_lacks_ssmmessages",
        params={
            "role_arn": "arn:aws:iam::123456789012:role/catalog-task",
            "actions": list(SSMMESSAGES),
            "denied_by": "identity",
        },
        cluster=CLUSTER,
        service="catalog",
        resources=network.ids(),
    )


def exec_task_role_missing(bench: Workbench) -> Scenario:
    """Neither enabled nor possible to enable: the task definition has no task role."""
    network = net.with_endpoints(bench, "basket", [*net.START, "ssmmessages"])
    deploy(bench, Application("basket", network, task_actions=None))
    return Scenario(
        name="exec_task_role_missing",
        title="ECS Exec is not enabled, and the task definition has no task role to enable it with",
        trigger=TRIGGER,
        event=try_exec(bench, "basket"),
        cause="exec_not_enabled",
        also=("exec_task_role_missing",),
        cluster=CLUSTER,
        service="basket",
        resources=network.ids(),
    )


def exec_caller_denied(bench: Workbench) -> Scenario:
    """Everything would allow a session, and the caller's role may open sessions of another cluster's tasks only."""
    network = net.with_endpoints(bench, "subscriptions", [*net.START, "ssmmessages"])
    deploy(bench, Application("subscriptions", network, enable_exec=True))
    task = running_task(bench, "subscriptions")
    event = try_exec(bench, "subscriptions", ecs=_as_support(bench))
    return Scenario(
        name="exec_caller_denied",
        title="The caller's role may not open sessions in this cluster",
        trigger=TRIGGER,
        event=event,
        cause="exec_caller_denied",
        params={
            "task_arn": task,
            "caller": f"arn:aws:sts::{ACCOUNT}:assumed-role/{SUPPORT}/sam",
            "actions": ["ecs:ExecuteCommand"],
            "resources": [task],
            "denied_by": "identity",
        },
        cluster=CLUSTER,
        service="subscriptions",
        resources=network.ids(),
    )


def ssmmessages_endpoint_missing(bench: Workbench) -> Scenario:
    """An isolated subnet has the endpoints for a start, but none for sessions."""
    network = net.with_endpoints(bench, "customers")
    deploy(bench, Application("customers", network, enable_exec=True))
    return Scenario(
        name="ssmmessages_endpoint_missing",
        title="An isolated subnet without an endpoint for ssmmessages",
        trigger=TRIGGER,
        event=try_exec(bench, "customers"),
        cause="vpc_endpoint_missing",
        params={"services": [net.full_name("ssmmessages")]},
        cluster=CLUSTER,
        service="customers",
        resources=network.ids(),
    )


def _as_support(bench: Workbench) -> Any:
    """An ECS client of a session of the role `support`, whose policy names another cluster's tasks."""
    iam = bench.client("iam")
    arn = create_role(bench, SUPPORT, (), trusts="ec2.amazonaws.com")
    resources = [f"arn:aws:ecs:{REGION}:{ACCOUNT}:{kind}" for kind in ("cluster/*", "task/staging/*")]
    statement = {"Effect": "Allow", "Action": "ecs:ExecuteCommand", "Resource": resources}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName=SUPPORT, PolicyName="sessions", PolicyDocument=document)
    session = bench.client("sts").assume_role(RoleArn=arn, RoleSessionName="sam")["Credentials"]
    return boto3.session.Session().client(
        "ecs",
        endpoint_url=bench.sandbox.aws_url,
        region_name=REGION,
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
        config=CONFIG,
    )


def _agent(bench: Workbench, name: str, state: str, cause: str, title: str) -> Scenario:
    network = net.with_endpoints(bench, name, [*net.START, "ssmmessages"])
    deploy(bench, Application(name, network, enable_exec=True))
    task = running_task(bench, name)
    bench.client("ecs").tag_resource(resourceArn=task, tags=[{"key": AGENT_TAG, "value": state}])
    return Scenario(
        name=cause,
        title=title,
        trigger=TRIGGER,
        event=try_exec(bench, name),
        cause=cause,
        params={"task_arn": task, "container": "app"},
        cluster=CLUSTER,
        service=name,
        resources=network.ids(),
    )


BUILDERS: tuple[Builder, ...] = (
    exec_not_enabled,
    exec_agent_stopped,
    exec_task_role_lacks_ssmmessages,
    ssmmessages_endpoint_missing,
    exec_task_role_missing,
    exec_agent_pending,
    exec_caller_denied,
)
