"""EBS volumes and ephemeral storage."""

import pytest

from ecs_medic.facts.ecs import Attachment, Deployment
from ecs_medic.facts.fact import Absent, Unknown
from ecs_medic.finding import Confidence, Finding, NotChecked, RuledOut
from ecs_medic.needs.volumes import infrastructure_roles
from ecs_medic.rules.roles.role_not_found import role_not_found
from ecs_medic.rules.roles.role_trust_policy_wrong import role_trust_policy_wrong
from ecs_medic.rules.storage.ebs_attach_failed import ebs_attach_failed
from ecs_medic.rules.storage.storage_provisioning_timeout import storage_provisioning_timeout
from ecs_medic.vocabulary import Id
from tests.builders import (
    DENIED,
    allow,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    definition,
    document,
    facts,
    incident,
    known,
    outcomes,
    role,
    service,
    simulated,
    task,
    the_finding,
)

ROLE = "arn:aws:iam::123456789012:role/ecsInfrastructureRole"
UNREAD = Unknown("iam:GetRole", "denied", "iam:GetRole")
REASON = (
    f"{ROLE} is not authorized to perform: ec2:CreateVolume on resource: arn:aws:ec2:eu-west-1:123456789012:volume/*"
)


def attachment(status, **details):
    return Attachment("AmazonElasticBlockStorage", status, {"volumeName": "scratch", **details})


def test_the_attachments_own_reason_with_role_and_action():
    read = facts(task=task(attachments=(attachment("DELETED", statusReason=REASON),)))
    finding = the_finding(ebs_attach_failed, incident(Id.EBS_ATTACH_FAILED), read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["role_arn"] == ROLE
    assert finding.params["actions"] == ["ec2:CreateVolume"]
    assert finding.params["volume"] == "scratch"


def test_an_attached_volume_is_not_the_cause():
    read = facts(task=task(attachments=(attachment("ATTACHED", volumeId="vol-1"),)))
    assert_quiet(ebs_attach_failed, incident(Id.EBS_ATTACH_FAILED), read)
    assert_silent(ebs_attach_failed, incident(Id.EBS_ATTACH_FAILED), facts())


def test_a_timeout_is_aws_own_and_the_definition_adds_the_size():
    late = task(stopped_reason="Timeout waiting for EphemeralStorage provisioning to complete.")
    read = facts(task=late, task_definition=definition(ephemeral_storage_gib=100))
    finding = the_finding(storage_provisioning_timeout, incident(Id.STORAGE_PROVISIONING_TIMEOUT), read)
    assert (finding.confidence, finding.params["ephemeral_storage_gib"]) == (Confidence.LIKELY, 100)
    assert_silent(storage_provisioning_timeout, incident(Id.APP_EXITED), facts())


@pytest.mark.parametrize("rule", [ebs_attach_failed, storage_provisioning_timeout])
def test_an_unread_task_is_not_checked(rule):
    assert_not_checked(rule, incident(Id(rule.__name__)), facts(task=DENIED), "ecs:DescribeTasks")


GRANTED = ("ec2:CreateVolume", "ec2:CreateTags", "ec2:DescribeVolumes", "ec2:AttachVolume")
MAY = simulated(dict.fromkeys(GRANTED, "allowed"))
MAY_NOT_TAG = simulated({**dict.fromkeys(GRANTED, "allowed"), "ec2:CreateTags": "implicitDeny"})
ABOUT = incident(Id.EBS_ATTACH_FAILED)
TRUST = {"Effect": "Allow", "Action": "sts:AssumeRole"}


def of_role(read, **details):
    """A volume that is not attached, of a role as it was read."""
    return facts(
        task=task(attachments=(attachment("DELETED", roleArn=ROLE, **details),)),
        roles={ROLE: read},
    )


def test_a_role_that_may_not_tag_explains_the_reason_in_one_finding():
    tagless = role(ROLE, allow(["ec2:CreateVolume", "ec2:DescribeVolumes", "ec2:AttachVolume"]), simulation=MAY_NOT_TAG)
    for details in ({}, {"statusReason": "UnauthorizedOperation"}):
        finding = the_finding(ebs_attach_failed, ABOUT, of_role(known(tagless), **details))
        assert finding.confidence is Confidence.CONFIRMED
        assert finding.params["role_arn"] == ROLE
        assert finding.params["actions"] == ["ec2:CreateTags"]
        assert "AmazonECSInfrastructureRolePolicyForVolumes" in finding.fix.cli[0]


def test_the_simulation_alone_is_likely_and_a_role_that_may_is_evidence():
    unread = Unknown("iam:ListRolePolicies", "denied", "iam:ListRolePolicies")
    said = outcomes(ebs_attach_failed, ABOUT, of_role(known(role(ROLE, simulation=MAY_NOT_TAG, policies=unread))))
    assert [one.confidence for one in said if isinstance(one, Finding)] == [Confidence.LIKELY]
    assert {one.missing_permission for one in said if isinstance(one, NotChecked)} == {"iam:ListRolePolicies"}
    fine = of_role(known(role(ROLE, simulation=MAY)), statusReason="VolumeLimitExceeded")
    finding = the_finding(ebs_attach_failed, ABOUT, fine)
    assert "VolumeLimitExceeded" in finding.summary
    assert any("allowed" in one.observed for one in finding.evidence)
    assert_silent(ebs_attach_failed, ABOUT, of_role(known(role(ROLE, simulation=MAY))))


def test_an_unread_infrastructure_role_is_not_checked():
    denied = Unknown("iam:SimulatePrincipalPolicy", "denied", "iam:SimulatePrincipalPolicy")
    assert_not_checked(ebs_attach_failed, ABOUT, of_role(denied), "iam:SimulatePrincipalPolicy")


@pytest.mark.parametrize(
    ("principal", "trusted"), [("ecs.amazonaws.com", True), ("ecs-tasks.amazonaws.com", False), (None, None)]
)
def test_the_infrastructure_role_is_assumed_by_ecs_itself(principal, trusted):
    trust = known(document({**TRUST, "Principal": {"Service": principal}}), "iam:GetRole") if principal else UNREAD
    said = outcomes(role_trust_policy_wrong, ABOUT, of_role(known(role(ROLE, trust=trust))))
    expected = {True: RuledOut, False: Finding, None: NotChecked}[trusted]
    [outcome] = said
    assert isinstance(outcome, expected)
    if isinstance(outcome, Finding):
        assert outcome.params["role"] == "infrastructure role"
        assert "ecs.amazonaws.com" in str(outcome.fix.policy)


def test_an_infrastructure_role_that_is_gone():
    finding = the_finding(role_not_found, ABOUT, of_role(Absent("iam:GetRole", "NoSuchEntity")))
    assert (finding.confidence, finding.params["role_arn"]) == (Confidence.CONFIRMED, ROLE)


def test_the_deployment_names_the_role_of_a_task_that_is_forgotten():
    deployments = (Deployment("ecs-svc/1", "PRIMARY", volume_role_arns=(ROLE,)), Deployment("ecs-svc/2", "ACTIVE"))
    serving = service(deployments=deployments)
    assert infrastructure_roles(facts(task=DENIED, service=serving)) == (ROLE,)
    assert infrastructure_roles(facts(task=task(started_by="ecs-svc/1"), service=serving)) == (ROLE,)
    assert infrastructure_roles(facts(task=task(started_by="ecs-svc/2"), service=serving)) == ()
    assert infrastructure_roles(facts(task=task(started_by="ecs-svc/0"), service=serving)) == ()
