"""How bad it is: by what the service still runs, not by how loud it is."""

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.incident import Incident, Kind, Severity
from ecs_medic.needs.derive import is_about_exec


def severity_of(  # noqa: PLR0911 - one return for each case
    incident: Incident, facts: Facts
) -> tuple[Severity, str]:
    """The severity and its reason in words.

    A service that runs nothing of what it should is critical; one that still runs everything (a new deployment fails
    beside the old one) and a refused call affect nobody yet. What was not read is never called harmless.

    Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
    """
    if is_about_exec(incident):
        return Severity.NOTICE, "an ECS Exec session failed; what runs goes on running"
    if incident.refused_call is not None:
        what = "a push of an image" if incident.kind is Kind.ECR_PUSH else "a call of ECS"
        return Severity.NOTICE, f"{what} was refused; what runs goes on running"
    if isinstance(facts.service, Known):
        service = facts.service.value
        running, desired = service.running_count, service.desired_count
        runs = f"the service runs {running} of {desired} task{'' if desired == 1 else 's'}"
        if desired and not running:
            return Severity.CRITICAL, runs
        if running < desired:
            return Severity.WARNING, runs
        return Severity.NOTICE, f"{runs}: what fails is beside them"
    if incident.service is None:
        return Severity.WARNING, "a task outside of any service failed"
    return Severity.WARNING, "how many tasks the service still runs could not be read"
