"""The log group that the task definition names does not exist, and nothing creates it.

AWS reports a missing group also where the Logs endpoint cannot be reached: only DescribeLogGroups decides.
"""

import shlex
from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known
from ecs_medic.finding import Confidence, Evidence, Finding, JsonValue, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.logs.drivers import Driver, drivers
from ecs_medic.vocabulary import Id

_RETENTION_DAYS = 30


def log_group_missing(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each group once; a group that exists in the task's own Region is a wrong Region instead."""
    seen: set[tuple[str, str]] = set()
    for driver in drivers(facts):
        if driver.creates_group or (driver.region, driver.group) in seen:
            continue
        seen.add((driver.region, driver.group))
        group = facts.log_group(driver.region, driver.group)
        if isinstance(group, Known):
            observed = f"exists in {driver.region}"
            yield RuledOut(Id.LOG_GROUP_MISSING, (Evidence(group.source, driver.group, observed),))
        elif isinstance(group, Absent):
            if driver.region == facts.region or not isinstance(facts.log_group(facts.region, driver.group), Known):
                yield _finding(driver, group, incident)
        elif group is not NOT_READ:
            check = f"log_group_missing: {driver.group} in {driver.region}"
            yield NotChecked(check, group.reason, group.missing_permission)


def _finding(driver: Driver, group: Absent, incident: Incident) -> Finding:
    params: dict[str, JsonValue] = {
        "log_group": driver.group,
        "log_region": driver.region,
        "container": driver.container,
        "cluster": incident.cluster,
        "service": incident.service,
        "region": incident.region,
    }
    return Finding(
        cause=Id.LOG_GROUP_MISSING,
        confidence=Confidence.CONFIRMED,
        summary=f"Container {driver.container} logs to {driver.group}, which does not exist in {driver.region}.",
        subject=driver.group,
        phase=Phase.LOGS,
        fix=fix_for(Id.LOG_GROUP_MISSING, params, cli=_commands(driver, incident)),
        params=params,
        evidence=(Evidence(group.source, driver.group, group.detail),),
    )


def _commands(driver: Driver, incident: Incident) -> list[str]:
    where = f"--log-group-name {shlex.quote(driver.group)} --region {shlex.quote(driver.region)}"
    commands = [
        f"aws logs create-log-group {where}",
        f"aws logs put-retention-policy {where} --retention-in-days {_RETENTION_DAYS}",
    ]
    if incident.service:
        commands.append(
            f"aws ecs update-service --cluster {shlex.quote(incident.cluster)} "
            f"--service {shlex.quote(incident.service)} --force-new-deployment --region {incident.region}"
        )
    return commands
