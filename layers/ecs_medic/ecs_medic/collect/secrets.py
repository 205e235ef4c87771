"""Secrets, parameters, keys and environment files: that they are there and how they are kept, never what they hold."""

from dataclasses import replace

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Answer
from ecs_medic.collect import resource_policies, roles
from ecs_medic.collect.question import Answers, Questions, answer_to
from ecs_medic.collect.scope import Scope
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown, map_fact
from ecs_medic.facts.reading import Json, mapping, mappings, moment, text, texts
from ecs_medic.facts.secrets import EncryptionKey, StoredParameter, StoredSecret
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import carriers
from ecs_medic.needs.endpoints import dns_suffix
from ecs_medic.needs.references import (
    bucket_and_key,
    environment_files,
    is_aws_managed_alias,
    key_arn,
    parameters,
    secret_name,
    secrets,
)
from ecs_medic.needs.secrets import SecretReference
from ecs_medic.vocabulary import Id

_MOST_SECRETS = 5
_MOST_KEYS = 3
_MOST_FILES = 3
_DECRYPT = "kms:Decrypt"
_TOO_MANY = Unknown("-", f"not read: no more than {_MOST_SECRETS} secrets are looked at in one diagnosis")


def questions(scope: Scope, incident: Incident, facts: Facts, answers: Answers) -> Questions:
    """What can be asked now of everything that the execution role fetches for the containers."""
    asked: Questions = {}
    if scope.secrets:
        asked |= _secret_questions(incident, facts, answers)
    if scope.parameters:
        asked |= _parameter_questions(facts)
    if scope.keys:
        asked |= _key_questions(facts)
        role = _execution_role(facts)
        if incident.symptom is Id.EXECUTION_ROLE_CANNOT_DECRYPT and role and _is_of(role, facts.account):
            # AWS has refused already: its simulation is not waited for.
            asked |= roles.policy_questions(role, answers)
    if scope.environment_files:
        asked |= _file_questions(facts)
    if scope.bucket_regions:
        asked |= _bucket_questions(facts)
    return asked


def _secret_questions(incident: Incident, facts: Facts, answers: Answers) -> Questions:
    """Each secret by its ARN; one that is not there by its name too, in the task's own Region and account."""
    asked: Questions = {}
    for reference in _secrets(incident, facts)[:_MOST_SECRETS]:
        asked["secret", reference.arn] = Call(
            "secretsmanager", "DescribeSecret", {"SecretId": reference.arn}, reference.region
        )
        if _may_be_elsewhere(reference, facts, answers):
            name = secret_name(reference.arn)
            asked["secret_at_home", name] = Call("secretsmanager", "DescribeSecret", {"SecretId": name}, facts.region)
    return asked


def _parameter_questions(facts: Facts) -> Questions:
    """All parameters of a Region in one call, whose filter takes fifty names."""
    by_region: dict[str, dict[str, None]] = {}
    for reference, parameter in parameters(facts):
        if _is_of(parameter.arn, facts.account) and not reference.secret_behind_parameter:
            by_region.setdefault(parameter.region, {}).update(dict.fromkeys(_spellings(parameter.name)))
    return {
        ("parameters", region): Call(
            "ssm",
            "DescribeParameters",
            {"ParameterFilters": [{"Key": "Name", "Option": "Equals", "Values": sorted(names)[:50]}]},
            region,
            items="Parameters",
        )
        for region, names in by_region.items()
    }


def _key_questions(facts: Facts) -> Questions:
    """State and policy of each customer key, and whether the execution role may decrypt with it."""
    asked: Questions = {}
    role = _execution_role(facts)
    by_service: dict[tuple[str, str], list[str]] = {}
    for arn, service in _customer_keys(facts):
        region = arn.split(":")[3]
        asked["key", arn] = Call("kms", "DescribeKey", {"KeyId": arn}, region)
        if role is None:
            continue
        if ":key/" in arn and _is_of(arn, facts.account):
            # Its policy shows no key to another account.
            asked |= resource_policies.questions(_role_beside(arn), [(_DECRYPT, arn)])
        by_service.setdefault((service, region), []).append(arn)
    for (service, region), arns in by_service.items():
        asked["more_simulation", role or "", service, region] = Call(
            "iam",
            "SimulatePrincipalPolicy",
            {
                "PolicySourceArn": role,
                "ActionNames": [_DECRYPT],
                "ResourceArns": sorted(arns),
                "ContextEntries": [
                    {
                        "ContextKeyName": "kms:ViaService",
                        "ContextKeyValues": [f"{service}.{region}.{dns_suffix(region)}"],
                        "ContextKeyType": "string",
                    }
                ],
            },
            items="EvaluationResults",
        )
    return asked


def _file_questions(facts: Facts) -> Questions:
    """Whether each environment file is there, by the list of its bucket: to ask for the object is to read it."""
    asked: Questions = {}
    for _, arn in environment_files(facts)[:_MOST_FILES]:
        bucket, key = bucket_and_key(arn)
        asked["file", arn] = Call("s3", "ListObjectsV2", {"Bucket": bucket, "Prefix": key, "MaxKeys": 1})
        asked["resource_policy", arn.partition("/")[0]] = Call("s3", "GetBucketPolicy", {"Bucket": bucket})
    return asked


def _bucket_questions(facts: Facts) -> Questions:
    """The Region of each bucket: the gateway endpoint of a VPC leads to S3 of its own alone."""
    buckets = dict.fromkeys(bucket_and_key(arn)[0] for _, arn in environment_files(facts)[:_MOST_FILES])
    return {("bucket", bucket): Call("s3", "GetBucketLocation", {"Bucket": bucket}) for bucket in buckets}


def files_explain_it(incident: Incident, facts: Facts, answers: Answers) -> bool:
    """Whether S3's refusal of an environment file needs no look at the network, or not yet: the file is not there."""
    if incident.symptom is not Id.ENV_FILE_DENIED_OR_MISSING:
        return False
    unanswered = any(key not in answers for key in _file_questions(facts) if key[0] == "file")
    return unanswered or any(isinstance(file, Absent) for file in facts.environment_files.values())


def with_secrets(facts: Facts, incident: Incident, answers: Answers) -> Facts:
    """The facts with all of these, as far as they were read."""
    facts = replace(
        facts,
        secrets=_stored_secrets(incident, facts, answers),
        secrets_at_home={key[1]: _secret(answer) for key, answer in answers.items() if key[0] == "secret_at_home"},
        parameters=_stored_parameters(facts, answers),
        environment_files={key[1]: _file(key[1], answer) for key, answer in answers.items() if key[0] == "file"},
        bucket_regions={key[1]: map_fact(answer, _region) for key, answer in answers.items() if key[0] == "bucket"},
    )
    return replace(
        facts,
        encryption_keys={key[1]: _key(answer) for key, answer in answers.items() if key[0] == "key"},
    )


def _secrets(incident: Incident, facts: Facts) -> list[SecretReference]:
    """Each secret once, under the first reference to it."""
    found = {to.arn: to for _, to in secrets(incident, facts)}
    for reference, parameter in parameters(facts):
        if name := reference.secret_behind_parameter:
            arn = f"arn:{facts.partition}:secretsmanager:{parameter.region}:{facts.account}:secret:{name}"
            found.setdefault(arn, SecretReference(arn, parameter.region))
    return list(found.values())


def _may_be_elsewhere(reference: SecretReference, facts: Facts, answers: Answers) -> bool:
    """Whether the same name in the task's own Region and account is a secret of another ARN, if it is one at all."""
    answer = answer_to(answers, "secret", reference.arn)
    if isinstance(answer, Absent):
        return True
    return isinstance(answer, Unknown) and answer is not NOT_READ and not _is_of(reference.arn, facts.account)


def _stored_secrets(incident: Incident, facts: Facts, answers: Answers) -> dict[str, Fact[StoredSecret]]:
    if not any(key[0] == "secret" for key in answers):
        return {}
    return {
        reference.arn: _secret(answers.get(("secret", reference.arn), _TOO_MANY))
        for reference in _secrets(incident, facts)
    }


def _secret(answer: Fact[Answer]) -> Fact[StoredSecret]:
    if not isinstance(answer, Known):
        return answer
    described = answer.value
    arn = text(described, "ARN")
    if arn is None:
        return Unknown(answer.source, "the answer names no secret")
    return Known(
        StoredSecret(
            arn=arn,
            name=text(described, "Name") or "",
            versions={
                version: texts(mapping(described, "VersionIdsToStages"), version)
                for version in mapping(described, "VersionIdsToStages")
            },
            kms_key_id=text(described, "KmsKeyId"),
            owning_service=text(described, "OwningService"),
            deleted_at=moment(described, "DeletedDate"),
            last_changed_at=moment(described, "LastChangedDate"),
        ),
        answer.source,
    )


def _stored_parameters(facts: Facts, answers: Answers) -> dict[tuple[str, str], Fact[StoredParameter]]:
    """By (Region, name as the task definition writes it)."""
    found: dict[tuple[str, str], Fact[StoredParameter]] = {}
    for reference, parameter in parameters(facts):
        answer = answer_to(answers, "parameters", parameter.region)
        if answer is NOT_READ or reference.secret_behind_parameter:
            continue
        if not _is_of(parameter.arn, facts.account):
            found[parameter.region, parameter.name] = Unknown("-", "the parameter belongs to another account")
        else:
            found[parameter.region, parameter.name] = _parameter(parameter.name, parameter.region, answer)
    return found


def _parameter(name: str, region: str, answer: Fact[Answer]) -> Fact[StoredParameter]:
    if not isinstance(answer, Known):
        return answer
    spellings = _spellings(name)
    for item in mappings(answer.value, "Parameters"):
        if text(item, "Name") in spellings:
            return Known(
                StoredParameter(text(item, "Name") or "", text(item, "Type"), text(item, "KeyId")), answer.source
            )
    if name.lstrip("/").startswith("aws/"):
        return Unknown(answer.source, "parameters that AWS publishes are not listed")
    return Absent(answer.source, f"no parameter {name} in {region}")


def _spellings(name: str) -> tuple[str, ...]:
    """What the name can be in Parameter Store: an ARN of the top level looks the same with and without the slash.

    A version or a label behind a colon is no part of the name.
    """
    plain = name.partition(":")[0]
    return (plain,) if plain.count("/") > 1 else (plain, "/" + plain.removeprefix("/"), plain.removeprefix("/"))


def _customer_keys(facts: Facts) -> list[tuple[str, str]]:
    """(ARN, service that uses it) of the keys that the secrets and parameters are encrypted with."""
    found: dict[str, str] = {}
    for arn, secret in facts.secrets.items():
        if isinstance(secret, Known) and secret.value.kms_key_id and not is_aws_managed_alias(secret.value.kms_key_id):
            fields = arn.split(":")
            found[key_arn(secret.value.kms_key_id, fields[3], fields[4], facts.partition)] = "secretsmanager"
    for (region, _), parameter in facts.parameters.items():
        key = parameter.value.kms_key_id if isinstance(parameter, Known) else None
        if key and not is_aws_managed_alias(key):
            found.setdefault(key_arn(key, region, facts.account, facts.partition), "ssm")
    return list(found.items())[:_MOST_KEYS]


def _key(answer: Fact[Answer]) -> Fact[EncryptionKey]:
    if not isinstance(answer, Known):
        return answer
    metadata = mapping(answer.value, "KeyMetadata")
    arn, state = text(metadata, "Arn"), text(metadata, "KeyState")
    if arn is None or state is None:
        return Unknown(answer.source, "the answer names no key, or no state")
    return Known(EncryptionKey(arn, state, text(metadata, "KeyManager") == "AWS"), answer.source)


def _file(arn: str, answer: Fact[Answer]) -> Fact[str]:
    """The object's key, where the list that begins with it begins with the object itself."""
    if not isinstance(answer, Known):
        return answer
    bucket, key = bucket_and_key(arn)
    if any(text(item, "Key") == key for item in mappings(answer.value, "Contents")):
        return Known(key, answer.source)
    if "KeyCount" not in answer.value and "Contents" not in answer.value:
        return Unknown(answer.source, "the answer holds no list of objects")
    return Absent(answer.source, f"no object {key} in the bucket {bucket}")


def _region(answer: Json) -> str:
    """S3 writes nothing for its first Region, and an old name for Ireland's."""
    return {"EU": "eu-west-1"}.get(found := text(answer, "LocationConstraint") or "us-east-1", found)


def _execution_role(facts: Facts) -> str | None:
    definition = facts.task_definition
    return carriers(facts, definition.value).execution_role if isinstance(definition, Known) else None


def _role_beside(arn: str) -> str:
    """Any role of the account that owns the resource."""
    return f"arn:aws:iam::{arn.split(':')[4]}:role/any"


def _is_of(arn: str, account: str) -> bool:
    return arn.split(":")[4:5] == [account]
