"""A diagnosis with its plan: what would be changed, at what price, whom else it touches, and whether it may be."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Reader
from ecs_medic.collect import prefix_lists
from ecs_medic.collect.ecs import cluster_from_answer
from ecs_medic.collect.identify import Identified
from ecs_medic.collect.question import Questions
from ecs_medic.diagnosis import Examination, diagnose, examine
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Known, Unknown
from ecs_medic.finding import Confidence, Finding, NotChecked
from ecs_medic.incident import Incident
from ecs_medic.plan import Plan
from ecs_medic.remedies.planning import DRAFTERS, may_change_the_network, plan_for
from ecs_medic.remedies.survey import Survey, survey
from ecs_medic.remedies.survey import questions as survey_questions
from ecs_medic.repair.consent import TAG, consent, of_the_network
from ecs_medic.repair.controls import Controls
from ecs_medic.repair.proposal import Consent, Proposal
from ecs_medic.report.build import with_plan
from ecs_medic.report.model import Report
from ecs_medic.rules.judge import judge
from ecs_medic.vocabulary import NORMAL_LIFE

_CLUSTER = ("cluster_tags",)
_LATER = "Time ran out before everything was read; the plan is made when it has been."


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
    examination = examine(subject, reader, now, gap=gap, prices=controls.policy.prices, along=asked_for_a_plan)
    return planned(examination, reader, controls)


def asked_for_a_plan(incident: Incident, findings: Sequence[Finding], facts: Facts) -> Questions:
    """What a plan needs to know beside the diagnosis, where these findings may lead to one."""
    if not any(one.cause in DRAFTERS and one.confidence is not Confidence.POSSIBLE for one in findings):
        return {}
    cluster = {_CLUSTER: _cluster_question(incident)} if facts.cluster == NOT_READ else {}
    return cluster | _asked_about_the_network(findings, facts)


def _asked_about_the_network(findings: Sequence[Finding], facts: Facts) -> Questions:
    """Who else is in the VPC, and what decides their ways, where a plan may change any."""
    if not may_change_the_network(findings):
        return {}
    return survey_questions(findings, facts) | prefix_lists.questions_in_the_vpc(facts)


def planned(examination: Examination, reader: Reader, controls: Controls) -> Planned:
    """The same diagnosis with its plan. What was not `asked_for_a_plan` along with it is read now, and waited for.

    Where time ran out, whenever that was, nothing is proposed: a part of the facts may ask for what the rest forbids.

    Raises:
        AwsUnavailable: the credentials are missing or expired, or AWS cannot be reached at all.
    """
    if _is_partial(examination, reader):
        return _put_off(examination, reader)
    plan = _plan(examination, reader, controls)
    proposal = _proposal(examination, plan, reader, controls)
    if _is_partial(examination, reader):
        return _put_off(examination, reader)
    return Planned(with_plan(examination.report, plan, gaps=_gaps(examination, reader)), proposal, examination)


def _is_partial(examination: Examination, reader: Reader) -> bool:
    return examination.report.partial or reader.ran_out_of_time


def _put_off(examination: Examination, reader: Reader) -> Planned:
    """The partial report without a plan: whoever completes it makes one."""
    report = with_plan(examination.report, Plan(reason_if_empty=_LATER), partial=True, gaps=_gaps(examination, reader))
    return Planned(report, Proposal((), Consent.OFF, _LATER), examination)


def _plan(examination: Examination, reader: Reader, controls: Controls) -> Plan:
    incident, findings = examination.incident, examination.findings
    wanted = _asked_about_the_network(findings, examination.facts)
    unasked = {key: call for key, call in wanted.items() if key not in examination.beside and call not in reader.trace}
    asked = {**examination.beside, **reader.together(unasked)}
    facts = prefix_lists.with_entries(examination.facts, asked)
    return plan_for(
        incident,
        findings,
        facts,
        survey(findings, facts, reader, asked) if may_change_the_network(findings) else Survey(),
        controls.policy,
        judged=lambda foreseen: judge(incident, foreseen).findings,
    )


def _proposal(examination: Examination, plan: Plan, reader: Reader, controls: Controls) -> Proposal:
    first = examination.findings[0].cause if examination.findings else None
    if not plan.changes:
        return Proposal((), words=plan.reason_if_empty, cause=first, patches=plan.patches)
    tags = _tags(_with_cluster(examination, reader))
    if examination.incident.service is None:
        # A task of no service: there is nothing that could have been read.
        tags.pop("service", None)
    agreed, words = consent(plan.changes, controls, tags, cluster=examination.incident.cluster)
    vpcs = tuple(sorted(examination.facts.networks)) if of_the_network(plan.changes) else ()
    return Proposal(plan.changes, agreed, words, first, vpcs, plan.patches, controls.mode)


def _with_cluster(examination: Examination, reader: Reader) -> Facts:
    """Few diagnoses need the cluster; whether anything in it may be changed is for its tags to say."""
    facts, cluster = examination.facts, examination.incident.cluster
    if facts.cluster != NOT_READ:
        return facts
    answer = examination.beside.get(_CLUSTER)
    if answer is None:
        answer = reader.together({_CLUSTER: _cluster_question(examination.incident)})[_CLUSTER]
    return replace(facts, cluster=cluster_from_answer(answer, cluster))


def _gaps(examination: Examination, reader: Reader) -> Iterator[NotChecked]:
    """What was read for the plan alone and not answered; what the diagnosis itself missed is told already."""
    told = examination.report.not_checked
    permissions, words = {gap.missing_permission for gap in told}, " ".join(f"{gap.check} {gap.reason}" for gap in told)
    for read in reader.failures:
        named = read.missing_permission in permissions if read.missing_permission else read.source in words
        if not named and read not in examination.facts.failed_reads:
            yield NotChecked(f"what a repair would change: {read.source}", read.reason, read.missing_permission)


def _cluster_question(incident: Incident) -> Call:
    return Call("ecs", "DescribeClusters", {"clusters": [incident.cluster], "include": ["TAGS"]})


def _tags(facts: Facts) -> dict[str, str | Unknown]:
    """What the tags of service, cluster and VPCs say about repairs, where they say anything or were not read."""
    found: dict[str, str | Unknown] = {}
    for scope, fact in (("service", facts.service), ("cluster", facts.cluster)):
        if isinstance(fact, Known) and TAG in fact.value.tags:
            found[scope] = fact.value.tags[TAG]
        elif isinstance(fact, Unknown):
            found[scope] = fact
    for vpc_id, network in facts.networks.items():
        if isinstance(network.vpc, Known) and TAG in network.vpc.value.tags:
            found[vpc_id] = network.vpc.value.tags[TAG]
        elif isinstance(network.vpc, Unknown):
            found[vpc_id] = network.vpc
    return found
