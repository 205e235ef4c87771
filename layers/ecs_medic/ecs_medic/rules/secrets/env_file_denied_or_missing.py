"""The environment file is not in its bucket, or the execution role may not read it, by its policies or the bucket's.

S3 says 403 for an object that does not exist to whoever may not list the bucket, so the status decides nothing: the
list of the bucket does. To ask for the object itself would be to read it.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.facts.iam import PolicyDocument
from ecs_medic.finding import Confidence, Evidence, Finding, Fix, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident, SymptomConfidence
from ecs_medic.needs.need import Need, Purpose
from ecs_medic.needs.references import bucket_and_key
from ecs_medic.policies.permission import Standing, permission
from ecs_medic.rules.roles.by_need import needs_with_role
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.rules.secrets.bucket_policy import objection, policy_of
from ecs_medic.rules.secrets.said import said
from ecs_medic.vocabulary import Id

_CAUSE = Id.ENV_FILE_DENIED_OR_MISSING
_READ = "s3:GetObject"


def env_file_denied_or_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each file by itself: first whether it is there, then whether the role may read it."""
    for need in needs_with_role(incident, facts, Purpose.ENVIRONMENT_FILE):
        stored = facts.environment_files.get(need.subject, NOT_READ)
        if isinstance(stored, Absent):
            yield _missing(need, stored, facts)
            continue
        if stored is not NOT_READ and not isinstance(stored, Known):
            yield NotChecked(f"{_CAUSE}: whether {need.subject} exists", stored.reason, stored.missing_permission)
        there = stored if isinstance(stored, Known) else None
        policy = policy_of(need, facts)
        if isinstance(policy, Unknown) and policy is not NOT_READ:
            yield NotChecked(f"{_CAUSE}: the bucket's policy", policy.reason, policy.missing_permission)
        objects = objection(policy.value, need, incident, facts) if isinstance(policy, Known) else False
        if isinstance(policy, Known) and objects:
            yield _denied_by_bucket(need, policy, facts, there)
            continue
        if objects is None:
            yield NotChecked(f"{_CAUSE}: the bucket's policy", "it has conditions that cannot be judged from here")
        yield from _denied(need, incident, facts, there=there, admitted=_is_admitted(need, policy, facts))


def _missing(need: Need, absent: Absent, facts: Facts) -> Finding:
    params = _params(need, facts)
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"The environment file {params['key']} of container {need.container} is not in the bucket "
        f"{params['bucket']}.",
        subject=need.subject,
        phase=Phase.ENVIRONMENT_FILES,
        fix=fix_for(_CAUSE, params),
        params={**params, "missing": True},
        evidence=(Evidence(absent.source, need.subject, absent.detail),),
    )


def _denied_by_bucket(need: Need, policy: Known[PolicyDocument], facts: Facts, there: Known[str] | None) -> Finding:
    """A Deny that no Allow of the role's overrides."""
    params = _params(need, facts)
    bucket = str(params["bucket"])
    role = need.role_arn or ""
    fix = Fix(
        f"Except {role.rsplit('/', 1)[-1]}, or the VPC endpoint that its requests take, from the Deny in the policy of "
        f"the bucket {bucket}; no change of the role can help.",
        cli=(f"aws s3api get-bucket-policy --bucket {bucket} --query Policy --output text",),
    )
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"The policy of the bucket {bucket} denies {role.rsplit('/', 1)[-1]} the environment file "
        f"{params['key']} of container {need.container}.",
        subject=need.subject,
        phase=Phase.ENVIRONMENT_FILES,
        fix=fix,
        params={**params, "role_arn": role, "denied_by": "resource_policy"},
        evidence=(
            Evidence(policy.source, bucket, f"its policy denies {_READ} to {role}, on the way that the request takes"),
            *_exists(there, need.subject),
        ),
    )


def _denied(
    need: Need, incident: Incident, facts: Facts, *, there: Known[str] | None, admitted: bool
) -> Iterator[Outcome]:
    """A denial by the role's policies is certain where S3 refused a file that is there: its bucket's may allow it.

    `admitted`: the bucket's policy was read and does so.
    """
    case = Case(
        cause=_CAUSE,
        phase=Phase.ENVIRONMENT_FILES,
        role_arn=need.role_arn or "",
        calls=need.calls,
        params=_params(need, facts),
        what=f"read the environment file {need.subject}",
    )
    outcomes = list(ruling(facts, case))
    refused = incident.symptom is _CAUSE and incident.symptom_confidence is SymptomConfidence.CERTAIN
    for outcome in outcomes:
        if isinstance(outcome, Finding) and admitted and outcome.params["actions"] == [_READ]:
            continue
        if isinstance(outcome, Finding):
            yield _weighed(outcome, there, refused=refused)
        elif isinstance(outcome, RuledOut) and incident.symptom is _CAUSE:
            yield _beyond_the_role(need, outcome, incident, facts, there)
        elif not isinstance(outcome, RuledOut) or there is not None:
            yield _with(outcome, there)


def _is_admitted(need: Need, policy: Fact[PolicyDocument], facts: Facts) -> bool:
    """Whether the bucket's policy lets the role read the file, whatever the role's own lack."""
    if not isinstance(policy, Known):
        return False
    read = permission(facts.role(need.role_arn or ""), _READ, need.subject, resource_policy=policy)
    return read.standing is Standing.ALLOWED


def _weighed(finding: Finding, there: Known[str] | None, *, refused: bool) -> Finding:
    sure = finding.confidence is Confidence.CONFIRMED and refused and there is not None
    evidence = (*finding.evidence, *_exists(there, finding.subject))
    return replace(finding, confidence=Confidence.CONFIRMED if sure else Confidence.LIKELY, evidence=evidence)


def _with(outcome: Outcome, there: Known[str] | None) -> Outcome:
    if isinstance(outcome, RuledOut):
        return replace(outcome, evidence=(*outcome.evidence, *_exists(there, "")))
    return outcome


def _beyond_the_role(
    need: Need, allowed: RuledOut, incident: Incident, facts: Facts, there: Known[str] | None
) -> Finding:
    """S3 refused what the role's own policies allow: the bucket's policy, the object's key or the file decides."""
    params = _params(need, facts)
    why = (
        "The file is there and the role may read it: look at the bucket's policy and at the key of the object"
        if there is not None
        else "The role may read it: look whether the file is there, at the bucket's policy and at the object's key"
    )
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.LIKELY if there is not None else Confidence.POSSIBLE,
        summary=f"S3 refused the environment file {need.subject} of container {need.container}. {why}.",
        subject=need.subject,
        phase=Phase.ENVIRONMENT_FILES,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(said(incident), *allowed.evidence, *_exists(there, need.subject)),
    )


def _exists(there: Known[str] | None, subject: str) -> tuple[Evidence, ...]:
    return (Evidence(there.source, there.value or subject, "the file is there"),) if there is not None else ()


def _params(need: Need, facts: Facts) -> dict[str, JsonValue]:
    bucket, key = bucket_and_key(need.subject)
    return {
        "file": need.subject,
        "container": need.container,
        "bucket": bucket,
        "key": key,
        "partition": facts.partition,
    }
