"""The key of a secret or a parameter does not decrypt for the execution role.

Four parties have a say: the state of the key, its own policy, the role's policies, and what stands above the role. Keys
that AWS keeps for Secrets Manager and Parameter Store ask for nothing within their account, and serve no other one.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html and
https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import carriers
from ecs_medic.needs.endpoints import dns_suffix
from ecs_medic.needs.references import is_aws_managed_alias, key_arn
from ecs_medic.policies.evaluate import Decision, evaluate
from ecs_medic.policies.permission import Standing, permission
from ecs_medic.rules.roles.ruling import Case, ruling
from ecs_medic.rules.secrets.stored import asked_parameters, asked_secrets
from ecs_medic.vocabulary import Id

_CAUSE = Id.EXECUTION_ROLE_CANNOT_DECRYPT
_DECRYPT = "kms:Decrypt"


@dataclass(frozen=True, slots=True)
class _Encrypted:
    """A secret or parameter, and its key; `key` is None where AWS's own key for the service is used."""

    what: str
    container: str
    phase: Phase
    service: str
    region: str
    account: str
    key: str | None
    source: str
    params: dict[str, JsonValue]


def execution_role_cannot_decrypt(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each secret and parameter by its own key."""
    for one in (*_secrets(incident, facts), *_parameters(facts)):
        if one.key is None:
            yield from _with_the_key_of_aws(one, facts)
        else:
            yield from _judged(one, one.key, incident, facts)


def _secrets(incident: Incident, facts: Facts) -> Iterator[_Encrypted]:
    for asked in asked_secrets(incident, facts):
        if isinstance(asked.stored, Known):
            own = asked.stored.value.kms_key_id
            key = key_arn(own, asked.to.region, asked.account, facts.partition) if own else None
            yield _Encrypted(
                asked.to.arn, asked.reference.container, asked.reference.phase, "secretsmanager", asked.to.region,
                asked.account, None if own and is_aws_managed_alias(own) else key, asked.stored.source, asked.params(),
            )  # fmt: skip


def _parameters(facts: Facts) -> Iterator[_Encrypted]:
    for reference, to, stored in asked_parameters(facts):
        key = stored.value.kms_key_id if isinstance(stored, Known) else None
        if isinstance(stored, Known) and key and not is_aws_managed_alias(key):
            params: dict[str, JsonValue] = {"parameter": to.name, "container": reference.container}
            yield _Encrypted(
                to.name, reference.container, reference.phase, "ssm", to.region, facts.account,
                key_arn(key, to.region, facts.account, facts.partition), stored.source, params,
            )  # fmt: skip


def _with_the_key_of_aws(one: _Encrypted, facts: Facts) -> Iterator[Outcome]:
    if one.account == facts.account:
        seen = Evidence(one.source, one.what, "encrypted with AWS's own key, which asks for no permission")
        yield RuledOut(_CAUSE, (seen,))
        return
    seen = Evidence(one.source, one.what, f"belongs to account {one.account}, encrypted with AWS's own key there")
    why = f"account {one.account} encrypts it with AWS's own key, which serves no other account"
    yield _finding(one, "", why, seen, Confidence.LIKELY)


def _judged(one: _Encrypted, key: str, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    state = facts.encryption_keys.get(key, NOT_READ)
    if isinstance(state, Absent):
        yield _finding(one, key, "its key does not exist", Evidence(state.source, key, state.detail))
        return
    if isinstance(state, Known) and not state.value.usable:
        seen = Evidence(state.source, state.value.arn, f"KeyState is {state.value.state}")
        yield _finding(one, key, f"its key is in the state {state.value.state}", seen)
        return
    if not isinstance(state, Known) and state is not NOT_READ:
        yield NotChecked(f"{_CAUSE}: the state of {key}", state.reason, state.missing_permission)
    role = _role(facts)
    if role is None:
        return
    if denial := _by_key_policy(one, key, role, facts):
        yield _finding(one, key, f"the policy of its key does not admit {role}", denial)
    elif ":alias/" in key:
        yield _by_alias(key, role, facts)
    else:
        yield from _by_role(one, key, role, incident, facts)


def _by_role(one: _Encrypted, key: str, role: str, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    case = Case(
        cause=_CAUSE,
        phase=one.phase,
        role_arn=role,
        calls=((_DECRYPT, key),),
        params={**one.params, "kms_key_arn": key},
        what=f"decrypt {one.what}",
        shares_decision=True,
        reported=incident.symptom is _CAUSE,
    )
    yield from ruling(facts, case)


def _by_key_policy(one: _Encrypted, key: str, role: str, facts: Facts) -> Evidence | None:
    """A key is closed to everybody whom its policy does not admit, if only by admitting the account's own policies."""
    policy = facts.resource_policy(key)
    if not isinstance(policy, Known):
        return None
    context = {
        "kms:ViaService": f"{one.service}.{one.region}.{dns_suffix(one.region)}",
        "kms:CallerAccount": facts.account,
        "aws:PrincipalArn": role,
        "aws:PrincipalAccount": facts.account,
    }
    decision = evaluate((policy.value,), _DECRYPT, key, principal=role, context=context)
    if decision not in {Decision.EXPLICIT_DENY, Decision.IMPLICIT_DENY}:
        return None
    verb = "denies" if decision is Decision.EXPLICIT_DENY else "does not allow"
    return Evidence(policy.source, key, f"its policy {verb} {_DECRYPT} to {role}")


def _by_alias(key: str, role: str, facts: Facts) -> Outcome:
    """Policies name keys, not aliases: only a permission on everything shows through one."""
    judged = permission(facts.role(role), _DECRYPT, key)
    if judged.standing is Standing.ALLOWED:
        return RuledOut(_CAUSE, judged.evidence)
    return NotChecked(f"{_CAUSE}: {key}", "the key is named by an alias, of which policies say nothing")


def _role(facts: Facts) -> str | None:
    definition = facts.task_definition
    return carriers(facts, definition.value).execution_role if isinstance(definition, Known) else None


def _finding(
    one: _Encrypted, key: str, why: str, seen: Evidence, confidence: Confidence = Confidence.CONFIRMED
) -> Finding:
    params: dict[str, JsonValue] = {**one.params, "kms_key_arn": key or None}
    return Finding(
        cause=_CAUSE,
        confidence=confidence,
        summary=f"{one.what} of container {one.container} cannot be decrypted: {why}.",
        subject=key or one.what,
        phase=one.phase,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(seen,),
    )
