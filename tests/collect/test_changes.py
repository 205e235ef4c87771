"""What changed, and who stopped a task, over the wire."""

from datetime import UTC, datetime, timedelta

import pytest

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.changes import questions, what_changed, who_stopped
from ecs_medic.collect.trail_lookups import Lookup, lookups_for
from ecs_medic.diagnosis import diagnose
from ecs_medic.events.parse import parse
from ecs_medic.facts.change import ChangeKind
from ecs_medic.facts.ecs import Deployment
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Finding, Fix, Phase
from ecs_medic.vocabulary import Id
from sandbox.gallery import Workbench, build
from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy
from sandbox.gallery.observe import stopped
from tests import builders

NOW = builders.NOW
OPERATOR = "arn:aws:iam::123456789012:user/operator"


def finding(cause, **params):
    return Finding(cause, Confidence.CONFIRMED, "", "subject", Phase.RUN, Fix(""), params)


@pytest.fixture
def reader(account):
    return Reader("eu-west-1", account="123456789012")


def diagnosis(event, reader):
    return diagnose(parse(event), reader, datetime.now(UTC))


def test_who_deleted_the_log_group_is_named(account, reader):
    bench = Workbench(account)
    app = Application("audit", net.with_endpoints(bench, "audit"))
    deploy(bench, app)
    bench.client("logs").delete_log_group(logGroupName=app.log_group)
    bench.client("ecs").update_service(cluster=CLUSTER, service="audit", forceNewDeployment=True)
    report = diagnosis(stopped(bench, "audit"), reader)
    assert report.verdict.cause is Id.LOG_GROUP_MISSING
    [change] = report.changes
    assert (change.kind, change.what, change.resource, change.by) == (
        ChangeKind.API_CALL,
        "DeleteLogGroup",
        app.log_group,
        OPERATOR,
    )
    assert change.at is not None


def test_who_closed_the_security_group_is_named(account, reader):
    bench = Workbench(account)
    network = net.with_endpoints(bench, "rates")
    deploy(bench, Application("rates", network))
    bench.client("ec2").revoke_security_group_ingress(
        GroupId=network.endpoint_group, IpPermissions=[net.https_from(net.VPC_CIDR)]
    )
    bench.client("ecs").update_service(cluster=CLUSTER, service="rates", forceNewDeployment=True)
    report = diagnosis(stopped(bench, "rates"), reader)
    assert report.verdict.cause is Id.ENDPOINT_SECURITY_GROUP_BLOCKS
    assert "RevokeSecurityGroupIngress" in {change.what for change in report.changes}


def test_the_difference_to_the_last_revision_is_told_without_values(account, reader):
    bench = Workbench(account)
    app = Application("labels", net.with_endpoints(bench, "labels"), environment={"MODE": "canary-1"})
    deploy(bench, app)
    definition = bench.client("ecs").describe_task_definition(taskDefinition="labels")["taskDefinition"]
    [container] = definition["containerDefinitions"]
    container |= {"image": f"{app.repository}:2.0.0", "environment": [{"name": "MODE", "value": "canary-2"}]}
    bench.client("ecs").register_task_definition(
        family="labels",
        requiresCompatibilities=["FARGATE"],
        networkMode="awsvpc",
        cpu="256",
        memory="1024",
        containerDefinitions=[container],
        executionRoleArn=definition["executionRoleArn"],
        taskRoleArn=definition["taskRoleArn"],
    )
    bench.client("ecs").update_service(cluster=CLUSTER, service="labels", taskDefinition="labels:2")
    report = diagnosis(stopped(bench, "labels"), reader)
    said = [change.what for change in report.changes if change.kind is ChangeKind.TASK_DEFINITION]
    assert said == [
        "memory: 512 → 1024",
        f"container app: image: {app.image} → {app.repository}:2.0.0",
        "container app: environment: MODE changed",
    ]
    assert "canary" not in report.model_dump_json()


def test_a_refused_look_into_the_trail_is_not_checked_and_takes_nothing_from_the_verdict(account, reader):
    scenario = build(account, "log_group_missing")
    account.fault("cloudtrail", "LookupEvents", "access_denied")
    report = diagnosis(scenario.event, reader)
    assert (report.verdict.cause, report.verdict.confidence) == (Id.LOG_GROUP_MISSING, Confidence.CONFIRMED)
    gaps = [gap for gap in report.not_checked if gap.check == "what changed"]
    assert [gap.missing_permission for gap in gaps] == ["cloudtrail:LookupEvents"]


def test_whoever_stopped_the_task_is_named(account, reader):
    report = diagnosis(build(account, "stopped_by_user").event, reader)
    assert report.action == "ignore"
    assert f"stopped by {OPERATOR}" in report.verdict.summary
    assert "Replaced by hand" in report.verdict.summary


def test_a_stop_that_cloudtrail_does_not_show_names_nobody(account, reader):
    about = builders.incident(Id.STOPPED_BY_USER, occurred_at=datetime.now(UTC) - timedelta(days=1))
    assert who_stopped(about, reader) == (None, (), ())
    assert who_stopped(builders.incident(Id.STOPPED_BY_USER, task_arn=None), reader) == (None, (), ())
    account.fault("cloudtrail", "LookupEvents", "access_denied")
    _, _, [gap] = who_stopped(about, reader)
    assert gap.missing_permission == "cloudtrail:LookupEvents"


def test_what_there_was_no_room_to_ask_is_told():
    about, read = builders.incident(Id.LOG_GROUP_MISSING), builders.facts()
    verdict = finding(Id.ENDPOINT_SECURITY_GROUP_BLOCKS, security_group_ids=["sg-1", "sg-2"], vpc_endpoint_id="vpce-1")
    asked = questions(about, [verdict], read, NOW)
    assert [call.name for call in asked.values()].count("cloudtrail:LookupEvents") == 3
    changes, [gap] = what_changed(about, [verdict], read, {}, NOW)
    assert changes == ()
    assert gap.check == "what changed"
    assert gap.missing_permission is None


def test_what_is_only_possible_is_not_looked_into_unless_more_may_be_read():
    possible = Finding(Id.LOG_GROUP_MISSING, Confidence.POSSIBLE, "", "s", Phase.RUN, Fix(""), {"log_group": "/a"})
    first = builders.facts(task_definition=builders.definition(revision=1))
    about = builders.incident(Id.UNKNOWN)
    assert questions(about, [possible], first, NOW) == {}
    assert questions(about, [possible], first, NOW, provisional=True)
    assert what_changed(about, [possible], first, {}, NOW) == ((), ())


def test_a_role_that_the_message_does_not_name_is_looked_up_before_the_verdict_is_settled():
    read = builders.facts(task_definition=builders.definition(revision=1))
    about = builders.incident(Id.EXECUTION_ROLE_CANNOT_DECRYPT)
    said = finding(Id.EXECUTION_ROLE_CANNOT_DECRYPT)
    assert questions(about, [said], read, NOW) == {}
    early = questions(about, [said], read, NOW, provisional=True)
    settled = finding(Id.EXECUTION_ROLE_CANNOT_DECRYPT, role_arn=builders.EXECUTION_ROLE)
    assert set(early) == set(questions(about, [settled], read, NOW))
    assert early


def test_what_was_asked_about_another_resource_is_not_told():
    about = builders.incident(Id.LOG_GROUP_MISSING)
    first = builders.facts(task_definition=builders.definition(revision=1))
    [asked] = questions(about, [finding(Id.ENDPOINT_POLICY_DENIES, vpc_endpoint_id="vpce-1")], first, NOW)
    event = {"EventName": "ModifyVpcEndpoint", "EventTime": NOW, "Username": "operator", "CloudTrailEvent": "{}"}
    answers = {asked: Known({"Events": [event]}, "cloudtrail:LookupEvents")}
    right = finding(Id.ENDPOINT_POLICY_DENIES, vpc_endpoint_id="vpce-1")
    assert [one.what for one in what_changed(about, [right], first, answers, NOW)[0]] == ["ModifyVpcEndpoint"]
    other = finding(Id.ENDPOINT_POLICY_DENIES, vpc_endpoint_id="vpce-2")
    assert what_changed(about, [other], first, answers, NOW)[0] == ()


def test_the_last_revision_that_ran_is_the_other_deployments():
    older = builders.DEFINITION_ARN.replace(":7", ":4")
    deployments = (
        Deployment("ecs-svc/2", "PRIMARY", "IN_PROGRESS", task_definition_arn=builders.DEFINITION_ARN),
        Deployment("ecs-svc/1", "ACTIVE", "COMPLETED", task_definition_arn=older, running_count=1),
    )
    read = builders.facts(service=builders.service(deployments=deployments))
    [call] = questions(builders.incident(Id.APP_EXITED), [], read, NOW).values()
    assert call.params == {"taskDefinition": older}


def test_roles_are_looked_up_by_name_where_iam_records():
    role = finding(Id.EXECUTION_ROLE_CANNOT_PULL, role_arn="arn:aws:iam::123456789012:role/path/orders-execution")
    assert list(lookups_for(role, "aws")) == [Lookup("ResourceName", "orders-execution", region="us-east-1")]
    assert [one.region for one in lookups_for(role, "aws-cn")] == ["cn-north-1"]


def test_a_secret_is_looked_for_in_the_parameters_of_its_deletion():
    gone = finding(Id.SECRET_NOT_FOUND, secret="arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf")
    assert list(lookups_for(gone, "aws")) == [Lookup("EventName", "DeleteSecret", mentions="db-AbCdEf")]
