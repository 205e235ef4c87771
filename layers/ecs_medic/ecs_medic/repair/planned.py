"""A diagnosis with its plan: what would be changed, at what price, whom else it touches, and whether it may be."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.identify import Identified
from ecs_medic.diagnosis import Examination, diagnose, examine
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import NotChecked
from ecs_medic.incident import Incident
from ecs_medic.plan import Plan
from ecs_medic.remedies.planning import plan_for
from ecs_medic.remedies.survey import survey
from ecs_medic.repair.consent import consent
from ecs_medic.repair.controls import Controls
from ecs_medic.repair.proposal import Proposal
from ecs_medic.report.build import with_plan
from ecs_medic.report.model import Report
from ecs_medic.vocabulary import NORMAL_LIFE

REMEDIATION_TAG = "ecs-medic:remediation"


@dataclass(frozen=True, slots=True)
class Planned:
    """`examination` is what the plan rests on, None where nothing failed."""

    report: Report
    proposal: Proposal
    examination: Examination | None = None


def diagnosed_and_planned(
    subject: Incident | Identified,
    reader: Reader,
    now: datetime,
    controls: Controls,
    *,
    gap: Callable[[Reader], NotChecked | None] = lambda _: None,
) -> Planned:
    """The diagnosis of anything, with the plan of its repair.

    Raises:
        AwsUnavailable: the credentials are missing or expired, or AWS cannot be reached at all.
    """
    incident = subject.incident if isinstance(subject, Identified) else subject
    if incident.can_end or incident.symptom in NORMAL_LIFE:
        report = diagnose(subject, reader, now, gap=gap)
        return Planned(report, Proposal((), words=report.plan.reason_if_empty))
    return planned(examine(subject, reader, now, gap=gap), reader, controls)


def planned(examination: Examination, reader: Reader, controls: Controls) -> Planned:
    """The same diagnosis with its plan, which takes one more wave of reads where there is something to repair.

    Raises:
        AwsUnavailable: the credentials are missing or expired, or AWS cannot be reached at all.
    """
    incident, findings, facts = examination.incident, examination.findings, examination.facts
    plan = plan_for(incident, findings, facts, survey(findings, facts, reader), controls.policy)
    report = with_plan(examination.report, plan)
    return Planned(report, _proposal(examination, plan, controls), examination)


def _proposal(examination: Examination, plan: Plan, controls: Controls) -> Proposal:
    first = examination.findings[0].cause if examination.findings else None
    if not plan.changes:
        return Proposal((), words=plan.reason_if_empty, cause=first, patches=plan.patches)
    agreed, words = consent(plan.changes, controls, _tags(examination.facts))
    vpcs = tuple(sorted(examination.facts.networks))
    return Proposal(plan.changes, agreed, words, first, vpcs, plan.patches)


def _tags(facts: Facts) -> dict[str, str]:
    """What the tags of service, cluster and VPC say about repairs, where they say anything."""
    vpcs = [one.vpc.value.tags for one in facts.networks.values() if isinstance(one.vpc, Known)]
    named = {
        "service": [facts.service.value.tags] if isinstance(facts.service, Known) else [],
        "cluster": [facts.cluster.value.tags] if isinstance(facts.cluster, Known) else [],
        "vpc": vpcs,
    }
    said = {scope: [one[REMEDIATION_TAG] for one in tags if REMEDIATION_TAG in one] for scope, tags in named.items()}
    return {scope: min(values, key=_strictness) for scope, values in said.items() if values}


def _strictness(value: str) -> int:
    """Of several VPCs' tags the strictest counts; what nobody knows counts as off."""
    return {"ask": 1, "auto": 2}.get(value.strip().lower(), 0)
