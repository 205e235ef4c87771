"""The log group and the bucket that keep the log of a cluster's sessions, as the rules on them see them."""

import shlex

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Fact, map_fact
from ecs_medic.finding import Evidence, JsonValue
from ecs_medic.incident import Incident
from ecs_medic.needs.exec import AuditTarget
from ecs_medic.rules.exec.target import exec_params


def state_of(target: AuditTarget, facts: Facts) -> Fact[str | None]:
    """What encrypts it, None where nothing does; absent where there is no such log group or bucket."""
    if target.is_bucket:
        return map_fact(facts.audit_bucket, lambda bucket: bucket.encryption)
    return map_fact(facts.log_group(facts.region, target.name), lambda group: group.kms_key_id)


def audit_params(target: AuditTarget, incident: Incident, facts: Facts) -> dict[str, JsonValue]:
    """Where the session was to go, and where its log was."""
    params = exec_params(incident, facts)
    if target.is_bucket:
        return {**params, "bucket": target.name, "bucket_arn": f"arn:{facts.partition}:s3:::{target.name}"}
    arn = f"arn:{facts.partition}:logs:{facts.region}:{facts.account}:log-group:{target.name}"
    return {**params, "log_group": target.name, "log_region": facts.region, "log_group_arn": arn}


def demand(target: AuditTarget, facts: Facts) -> Evidence:
    """What the cluster says of it."""
    said = "must be encrypted" if target.demands_encryption else "need not be encrypted"
    source = getattr(facts.cluster, "source", "-")
    return Evidence(source, target.name, f"executeCommandConfiguration: the {target.what} keeps the log, and {said}")


def encrypting_commands(target: AuditTarget, incident: Incident) -> list[str]:
    """What encrypts it."""
    name = shlex.quote(target.name)
    if target.is_bucket:
        rule = '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}'
        flags = f"--server-side-encryption-configuration {shlex.quote(rule)}"
        return [f"aws s3api put-bucket-encryption --region {incident.region} --bucket {name} {flags}"]
    where = f"--region {incident.region} --log-group-name {name}"
    return [f"aws logs associate-kms-key {where} --kms-key-id <KMS_KEY_ARN>"]


def creating_commands(target: AuditTarget, incident: Incident) -> list[str]:
    """What makes it."""
    name = shlex.quote(target.name)
    if target.is_bucket:
        return [f"aws s3 mb s3://{name} --region {incident.region}"]
    key = " --kms-key-id <KMS_KEY_ARN>" if target.demands_encryption else ""
    return [f"aws logs create-log-group --region {incident.region} --log-group-name {name}{key}"]
