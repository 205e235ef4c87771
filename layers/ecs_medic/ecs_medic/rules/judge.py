"""Runs every rule and puts what they say in order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.catalogue.lookup import candidates, row
from ecs_medic.facts import Facts
from ecs_medic.finding import Confidence, Evidence, Finding, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident, SymptomConfidence
from ecs_medic.rules.registry import ALL_RULES
from ecs_medic.rules.rule import Rule
from ecs_medic.vocabulary import Id, may_be_cause

_MOST_NAMED = 4
"""Checks that are named where one missing read leaves many of them open."""
_BY_CONFIDENCE = (Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE, Confidence.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything that the evidence says: findings best first, what is excluded, what nobody could check."""

    findings: tuple[Finding, ...]
    explained: bool
    """Whether the first finding can be behind the symptom; the others are then what else is wrong."""
    ruled_out: tuple[RuledOut, ...]
    not_checked: tuple[NotChecked, ...]


def judge(incident: Incident, facts: Facts, rules: Sequence[Rule] = ALL_RULES) -> Judgement:
    """Judge the incident by its facts.

    A finding that cannot be behind the symptom is kept, as `possible` and after those that can: it is wrong in itself,
    but not why this failed. Where no finding explains the symptom, the message's own meaning stands in, unless a rule
    excluded it; where it has none, the failure stays unexplained.
    """
    outcomes: list[Outcome] = [outcome for rule in rules for outcome in rule(incident, facts)]
    found = _distinct(outcome for outcome in outcomes if isinstance(outcome, Finding))
    ruled_out = [
        outcome for outcome in outcomes if isinstance(outcome, RuledOut) and _explains(incident, outcome.cause)
    ]
    unchecked = [outcome for outcome in outcomes if isinstance(outcome, NotChecked) and _concerns(incident, outcome)]
    explaining = [finding for finding in found if _explains(incident, finding.cause)]
    others = [replace(finding, confidence=Confidence.POSSIBLE) for finding in found if finding not in explaining]
    if not any(finding.confidence is not Confidence.POSSIBLE for finding in explaining):
        explaining += _from_the_message(incident, explaining, {outcome.cause for outcome in ruled_out})
    findings = (*sorted(explaining, key=lambda finding: _rank(incident, finding)), *sorted(others, key=_order))
    named = {finding.cause for finding in findings}
    return Judgement(
        findings=findings,
        explained=bool(explaining),
        ruled_out=_merged(outcome for outcome in ruled_out if outcome.cause not in named),
        not_checked=_with_failed_reads(dict.fromkeys(unchecked), facts),
    )


def _explains(incident: Incident, cause: Id) -> bool:
    return incident.symptom is Id.UNKNOWN or cause in candidates(incident.symptom)


def _concerns(incident: Incident, gap: NotChecked) -> bool:
    """Whether it matters to this symptom that something was not checked: a check that is no cause always does.

    A check that begins with a cause ("exec_ipv6_only: the subnet") is that cause's.
    """
    about = gap.check.partition(":")[0]
    return about not in Id or _explains(incident, Id(about))


def _from_the_message(incident: Incident, explaining: Sequence[Finding], excluded: set[Id]) -> list[Finding]:
    """The cause that the message itself names, where it names one and no rule has something to say about it."""
    cause = incident.symptom
    if not may_be_cause(cause) or cause is Id.UNKNOWN or cause in excluded:
        return []
    if any(finding.cause is cause for finding in explaining):
        return []
    certain = incident.symptom_confidence is SymptomConfidence.CERTAIN
    return [
        Finding(
            cause=cause,
            confidence=Confidence.LIKELY if certain else Confidence.POSSIBLE,
            summary=f"{row(cause).title}: this is what AWS's message says; it was not checked against the account.",
            subject=incident.subject,
            phase=Phase.RUN,
            fix=fix_for(cause, {}),
            evidence=_words(incident),
        )
    ]


def _words(incident: Incident) -> tuple[Evidence, ...]:
    message = incident.message
    said = [message.container_reason, message.stopped_reason]
    if message.exit_code is not None:
        said.append(f"exit code {message.exit_code}")
    if message.stop_code:
        said.append(f"stop code {message.stop_code}")
    if message.error_code:
        said.append(f"error code {message.error_code}")
    words = " · ".join(part for part in said if part)
    return (Evidence("event", incident.subject, words),) if words else ()


def _rank(incident: Incident, finding: Finding) -> tuple[int, int, int, int]:
    """What is shown comes before what is only possible, then what blocks first, then what is surer."""
    expected = candidates(incident.symptom)
    place = expected.index(finding.cause) if finding.cause in expected else len(expected)
    shown = 1 if finding.confidence in {Confidence.POSSIBLE, Confidence.UNKNOWN} else 0
    return (shown, finding.phase, _BY_CONFIDENCE.index(finding.confidence), place)


def _order(finding: Finding) -> int:
    return finding.phase


def _distinct(findings: Iterable[Finding]) -> list[Finding]:
    """The same cause on the same resource with the same parameters is one finding."""
    kept: dict[tuple[Id, str, str], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.cause, finding.subject, repr(sorted(finding.params.items()))), finding)
    return list(kept.values())


def _merged(outcomes: Iterable[RuledOut]) -> tuple[RuledOut, ...]:
    """One entry a cause, with all its evidence."""
    evidence: dict[Id, dict[Evidence, None]] = {}
    for outcome in outcomes:
        evidence.setdefault(outcome.cause, {}).update(dict.fromkeys(outcome.evidence))
    return tuple(RuledOut(cause, tuple(observed)) for cause, observed in evidence.items())


def _with_failed_reads(not_checked: Iterable[NotChecked], facts: Facts) -> tuple[NotChecked, ...]:
    """A read that failed is told even where no rule missed it, and first: somebody else's conclusion may rest on it."""
    told = _gathered(not_checked)
    permissions = {gap.missing_permission for gap in told}
    reasons = " ".join(gap.reason for gap in told)
    untold = (
        NotChecked(read.source, read.reason, read.missing_permission)
        for read in facts.failed_reads
        if read.missing_permission not in permissions
        or (read.missing_permission is None and read.source not in reasons)
    )
    return (*_gathered(untold), *told)


def _gathered(not_checked: Iterable[NotChecked]) -> tuple[NotChecked, ...]:
    """What is not known for the same reason, in one line: a task definition that was not read leaves a dozen open."""
    checks: dict[tuple[str, str | None], list[str]] = {}
    for gap in not_checked:
        checks.setdefault((gap.reason, gap.missing_permission), []).append(gap.check)
    return tuple(
        NotChecked(_named(list(dict.fromkeys(names))), reason, permission)
        for (reason, permission), names in checks.items()
    )


def _named(checks: Sequence[str]) -> str:
    if len(checks) <= _MOST_NAMED:
        return ", ".join(checks)
    return f"{', '.join(checks[:_MOST_NAMED])} and {len(checks) - _MOST_NAMED} more"
