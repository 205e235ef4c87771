"""EBS volumes and ephemeral storage."""

import pytest

from ecs_medic.facts.ecs import Attachment
from ecs_medic.finding import Confidence
from ecs_medic.rules.storage.ebs_attach_failed import ebs_attach_failed
from ecs_medic.rules.storage.storage_provisioning_timeout import storage_provisioning_timeout
from ecs_medic.vocabulary import Id
from tests.builders import (
    DENIED,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    definition,
    facts,
    incident,
    task,
    the_finding,
)

ROLE = "arn:aws:iam::123456789012:role/ecsInfrastructureRole"
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
