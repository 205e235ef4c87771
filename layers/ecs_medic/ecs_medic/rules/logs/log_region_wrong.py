"""`awslogs-region` names another Region than the one where the log group is."""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known, Unknown
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.logs.drivers import Driver, drivers
from ecs_medic.vocabulary import Id


def log_region_wrong(_incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each group once; certain where both Regions answered: it is in the task's own and not in the one named."""
    seen: set[tuple[str, str]] = set()
    for driver in drivers(facts):
        if driver.region == facts.region or (driver.region, driver.group) in seen:
            continue
        seen.add((driver.region, driver.group))
        named, home = facts.log_group(driver.region, driver.group), facts.log_group(facts.region, driver.group)
        if isinstance(named, Known):
            evidence = Evidence(named.source, driver.group, f"exists in {driver.region}")
            yield RuledOut(Id.LOG_REGION_WRONG, (evidence,))
        elif isinstance(named, Absent) and isinstance(home, Known):
            yield _finding(driver, facts.region, named, home.source)
        elif unread := next((one for one in (named, home) if isinstance(one, Unknown) and one is not NOT_READ), None):
            check = f"log_region_wrong: {driver.group} in {driver.region} and {facts.region}"
            yield NotChecked(check, unread.reason, unread.missing_permission)


def _finding(driver: Driver, home: str, named: Absent, source: str) -> Finding:
    params: dict[str, JsonValue] = {
        "log_group": driver.group,
        "log_region": driver.region,
        "actual_region": home,
        "container": driver.container,
    }
    return Finding(
        cause=Id.LOG_REGION_WRONG,
        confidence=Confidence.CONFIRMED,
        summary=f"Container {driver.container} logs to {driver.group} in {driver.region}, but that group is in {home}.",
        subject=driver.group,
        phase=Phase.LOGS,
        fix=fix_for(Id.LOG_REGION_WRONG, params),
        params=params,
        evidence=(
            Evidence(named.source, driver.group, named.detail),
            Evidence(source, driver.group, f"exists in {home}"),
        ),
    )
