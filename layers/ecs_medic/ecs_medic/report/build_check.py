"""Puts a check together; everything in it is redacted and safe to show from here on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ecs_medic.facts.ecs import Service
from ecs_medic.finding import Confidence, Finding, NotChecked
from ecs_medic.report.build import shown_finding
from ecs_medic.report.check_model import Affected, Breaks, Check, Gap, Trouble
from ecs_medic.report.clean import clean, clean_if
from ecs_medic.report.shared_resource import first_service, is_shared

_BY_CONFIDENCE = (Confidence.CONFIRMED, Confidence.LIKELY, Confidence.POSSIBLE, Confidence.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Hit:
    """A finding about one service; `subnet_ids` are those in which it holds, where it does not in all of them."""

    service: Service
    breaks: Breaks
    finding: Finding
    subnet_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Where:
    """Which cluster was looked at, and when."""

    account: str
    region: str
    cluster: str
    at: datetime


def build_check(
    where: Where,
    services: Iterable[Service],
    hits: Iterable[Hit],
    gaps: Mapping[NotChecked, Sequence[str]],
    *,
    calls: int = 0,
) -> Check:
    """The check of one cluster: what several services would fail by is one trouble, and the worst comes first."""
    gathered: dict[tuple[str, ...], list[Hit]] = {}
    for hit in hits:
        gathered.setdefault(_root(hit), []).append(hit)
    return Check(
        account=clean(where.account),
        region=clean(where.region),
        cluster=clean(where.cluster),
        checked_at=where.at,
        services=tuple(clean(one.name) for one in services),
        findings=tuple(_trouble(some) for some in sorted(gathered.values(), key=_rank)),
        not_checked=tuple(
            Gap(
                check=clean(gap.check),
                reason=clean(gap.reason),
                missing_permission=clean_if(gap.missing_permission),
                services=tuple(map(clean, names)),
            )
            for gap, names in gaps.items()
        ),
        calls=calls,
    )


def _root(hit: Hit) -> tuple[str, ...]:
    """The cause and the guilty resource; what is the service's own affair is nobody else's."""
    finding = hit.finding
    if finding.subject not in {hit.service.name, hit.service.arn} and is_shared(finding.subject):
        return finding.cause, finding.subject, first_service(finding.params)
    return finding.cause, finding.subject, "", hit.service.name


def _rank(hits: Sequence[Hit]) -> tuple[int, int, int, int, int, str]:
    """What is shown first, then what serves nobody any more, what keeps tasks from starting, and what hits most."""
    at_zero = any(one.service.desired_count and not one.service.running_count for one in hits)
    starts = any(one.breaks == "start" for one in hits)
    finding = _best(hits)
    return (
        _BY_CONFIDENCE.index(finding.confidence),
        0 if at_zero else 1,
        0 if starts else 1,
        -len({one.service.name for one in hits}),
        finding.phase,
        finding.cause,
    )


def _best(hits: Sequence[Hit]) -> Finding:
    """The one that says most: the surest, and of missing endpoints the one that names all of them."""
    return min((one.finding for one in hits), key=lambda one: (_BY_CONFIDENCE.index(one.confidence), -_named(one)))


def _named(finding: Finding) -> int:
    services = finding.params.get("services")
    return len(services) if isinstance(services, list | tuple) else 0


def _trouble(hits: Sequence[Hit]) -> Trouble:
    shown = shown_finding(_best(hits))
    affected = {
        (one.service.name, one.breaks): Affected(
            service=clean(one.service.name),
            breaks=one.breaks,
            desired=one.service.desired_count,
            running=one.service.running_count,
            subnet_ids=tuple(map(clean, one.subnet_ids)),
        )
        for one in hits
    }
    return Trouble(**shown.model_dump(), services=tuple(affected.values()))
