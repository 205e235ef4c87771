"""The secret that a container asks for is not there: misspelt, deleted, or of another Region, account or ARN.

Source: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html
"""

from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known, Unknown
from ecs_medic.facts.secrets import StoredSecret, is_whole, may_be_whole
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.references import secret_name
from ecs_medic.rules.secrets.stored import Asked, asked_secrets
from ecs_medic.vocabulary import Id

_CAUSE = Id.SECRET_NOT_FOUND


def secret_not_found(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each secret by itself; one that is scheduled for deletion cannot be read either."""
    for asked in asked_secrets(incident, facts):
        stored = asked.stored
        if isinstance(stored, Known) and stored.value.deleted_at is not None:
            yield _being_deleted(asked, stored)
        elif isinstance(stored, Known):
            yield RuledOut(_CAUSE, (Evidence(stored.source, asked.to.arn, _as_found(asked, stored.value)),))
        elif isinstance(stored, Absent):
            yield _missing(asked, stored, facts)
        elif stored is not NOT_READ:
            yield NotChecked(f"{_CAUSE}: {asked.to.arn}", stored.reason, stored.missing_permission)
            yield from _of_that_name(asked, incident, facts)


def _as_found(asked: Asked, stored: StoredSecret) -> str:
    return "exists" if stored.arn == asked.to.arn else f"exists as {stored.arn}"


def _being_deleted(asked: Asked, stored: Known[StoredSecret]) -> Finding:
    when = stored.value.deleted_at.isoformat() if stored.value.deleted_at else ""
    params = asked.params(deleted_at=when)
    region, arn = asked.to.region, stored.value.arn
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"The secret {stored.value.name} is scheduled for deletion, so nobody can read it.",
        subject=asked.to.arn,
        phase=asked.reference.phase,
        fix=fix_for(_CAUSE, params, cli=(f"aws secretsmanager restore-secret --region {region} --secret-id {arn}",)),
        params=params,
        evidence=(Evidence(stored.source, arn, f"DeletedDate is {when}"),),
    )


def _missing(asked: Asked, absent: Absent, facts: Facts) -> Finding:
    evidence = [Evidence(absent.source, asked.to.arn, absent.detail)]
    hint, more = "", dict[str, JsonValue]()
    home = facts.secrets_at_home.get(secret_name(asked.to.arn), NOT_READ)
    sure = asked.account == facts.account and not (_ends_in_a_word(asked) and isinstance(home, Unknown))
    if isinstance(home, Known) and home.value.arn != asked.to.arn:
        hint, more = f" {_elsewhere(asked, facts)}: {home.value.arn}.", {"closest": home.value.arn}
        evidence.append(Evidence(home.source, home.value.name, f"a secret of that name has the ARN {home.value.arn}"))
    params = asked.params(**more)
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED if sure else Confidence.LIKELY,
        summary=f"The secret {asked.to.arn} of container {asked.reference.container} does not exist.{hint}",
        subject=asked.to.arn,
        phase=asked.reference.phase,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=tuple(evidence),
    )


def _elsewhere(asked: Asked, facts: Facts) -> str:
    if asked.to.region != facts.region:
        return f"One of that name is in {facts.region}"
    if asked.account != facts.account:
        return "One of that name is in this account"
    if _ends_in_a_word(asked):
        return (
            "One of that name does: Secrets Manager takes the six characters at the end of its name for the suffix of "
            "an ARN, so that only the whole ARN finds it"
        )
    return "One of that name exists with other characters at the end, as after deleting and creating it again"


def _ends_in_a_word(asked: Asked) -> bool:
    """Whether nobody can tell, from the ARN alone, a name without its suffix from a name with it."""
    return may_be_whole(asked.to.arn) and not is_whole(asked.to.arn)


def _of_that_name(asked: Asked, incident: Incident, facts: Facts) -> Iterator[Finding]:
    """What could not be looked up in another account may be recognised by its name here."""
    home = facts.secrets_at_home.get(secret_name(asked.to.arn), NOT_READ)
    if incident.symptom is not _CAUSE or not isinstance(home, Known) or asked.account == facts.account:
        return
    params = asked.params(closest=home.value.arn)
    yield Finding(
        cause=_CAUSE,
        confidence=Confidence.LIKELY,
        summary=f"The secret {asked.to.arn} is asked of account {asked.account}; one of that name is in this account: "
        f"{home.value.arn}.",
        subject=asked.to.arn,
        phase=asked.reference.phase,
        fix=fix_for(_CAUSE, params),
        params=params,
        evidence=(Evidence(home.source, home.value.name, f"exists as {home.value.arn}"),),
    )
