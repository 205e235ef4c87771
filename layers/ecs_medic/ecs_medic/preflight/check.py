"""The check, on one screen: the cluster is looked at once, the rules judge each service, the worst comes first."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ecs_medic.aws.reader import Reader
from ecs_medic.collect.inventory import inventory
from ecs_medic.collect.preflight import Prospect, Watch, prospects
from ecs_medic.collect.task import NO_TASK
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Finding, NotChecked, Phase
from ecs_medic.report.build_check import Hit, Where, build_check
from ecs_medic.report.check_model import Check
from ecs_medic.rules.judge import Judgement, judge
from ecs_medic.rules.registry import BEFOREHAND, OF_SESSIONS
from ecs_medic.vocabulary import Id

_NOBODY_RUNS = NotChecked("the state of the ECS Exec agent", "no task of the service runs")
_NOBODY_WAS_READ = NotChecked("the state of the ECS Exec agent", "none of the tasks that run was read")


class NothingToCheckError(LookupError):
    """ECS knows no such cluster, or no such service; the message names it."""


def check(
    reader: Reader, cluster: str, now: datetime, *, service: str | None = None, watch: Watch = lambda *_: None
) -> Check:
    """What would break a start, or an ECS Exec session where those are enabled, of one service or of all.

    Raises:
        NothingToCheckError: there is no such cluster or service.
        AwsUnavailable: the credentials are missing or expired, or AWS cannot be reached at all.
    """
    there = inventory(reader, cluster, service)
    if there.missing is not None:
        raise NothingToCheckError(f"ECS knows no {there.missing} in {reader.region}")
    hits: list[Hit] = []
    gaps: dict[NotChecked, list[str]] = {gap: [] for gap in there.gaps}
    found = prospects(there, reader, now, watch=watch)
    for number, prospect in enumerate(found):
        watch("Judging", number, len(found))
        judged, open_questions = _judged(prospect)
        hits.extend(judged)
        for gap in open_questions:
            gaps.setdefault(gap, []).append(prospect.service.name)
    watch("Judging", len(found), len(found))
    gaps = {gap: [] for gap in _untold(reader, gaps)} | gaps
    where = Where(there.account, there.region, there.cluster, now)
    return build_check(where, there.services, hits, gaps, calls=len(reader.trace))


def _judged(prospect: Prospect) -> tuple[list[Hit], list[NotChecked]]:
    starts = [judge(prospect.start, facts, BEFOREHAND) for facts in prospect.starts]
    hits = list(_of_start(prospect, starts))
    gaps = [gap for one in starts for gap in one.not_checked]
    if prospect.exec is not None and prospect.session is not None:
        session = judge(prospect.exec, prospect.session, OF_SESSIONS)
        hits.extend(Hit(prospect.service, "exec", finding) for finding in session.findings if _of_exec(finding))
        gaps.extend(session.not_checked)
        if prospect.living is None:
            gaps.append(_NOBODY_RUNS if not prospect.service.running_count else _NOBODY_WAS_READ)
    return hits, [gap for gap in dict.fromkeys(gaps) if not _is_settled(gap, prospect)]


def _is_settled(gap: NotChecked, prospect: Prospect) -> bool:
    """That no task has failed is no gap: it is what a check is for. And an image that runs is for its platform."""
    runs = prospect.living is not None and prospect.living.task_definition_arn == prospect.service.task_definition_arn
    return gap.reason == NO_TASK or (runs and gap.check == Id.IMAGE_PLATFORM_MISMATCH)


def _untold(reader: Reader, gaps: Mapping[NotChecked, Sequence[str]]) -> Iterator[NotChecked]:
    """Reads that failed, and that no rule has missed: somebody's conclusion may rest on them all the same."""
    told = {gap.missing_permission for gap in gaps}
    reasons = " ".join(gap.reason for gap in gaps)
    for read in reader.failures:
        known = read.missing_permission in told if read.missing_permission else read.source in reasons
        if not known:
            yield NotChecked(read.source, read.reason, read.missing_permission)


def _of_start(prospect: Prospect, starts: Sequence[Judgement]) -> Iterator[Hit]:
    """Each finding once, with the subnets in which it holds, where it does not in all of them."""
    where: dict[tuple[Id, str], dict[str, Finding]] = {}
    for facts, judgement in zip(prospect.starts, starts, strict=True):
        for finding in judgement.findings:
            if _of_exec(finding):
                continue
            where.setdefault((finding.cause, finding.subject), {})[_subnet(facts)] = finding
    for found in where.values():
        some = tuple(found) if len(found) < len(starts) else ()
        yield Hit(prospect.service, "start", _surest(found), some)


def _of_exec(finding: Finding) -> bool:
    """Whether it is about a session: a start is judged without those, and a session by nothing else."""
    return finding.phase is Phase.EXEC


def _surest(found: Mapping[str, Finding]) -> Finding:
    return min(found.values(), key=lambda one: ["confirmed", "likely", "possible", "unknown"].index(one.confidence))


def _subnet(facts: Facts) -> str:
    return facts.task_interface.value.subnet_id if isinstance(facts.task_interface, Known) else ""
