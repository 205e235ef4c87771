"""A proxy is set without an exception for the address that serves the task role's credentials.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import ContainerDefinition
from ecs_medic.facts.fact import Known
from ecs_medic.finding import Confidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.target import definitions_meant, evidence, exec_params, names, not_checked
from ecs_medic.vocabulary import Id

_PROXIES = frozenset({"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"})
_CREDENTIALS = "169.254.170.2"
_COVERING = frozenset({"*", _CREDENTIALS, "169.254.170.0/24", "169.254.0.0/16", "169.254.", "169.254.170."})


def exec_proxy_hides_credentials(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Likely at most: whether the agent honours the variables depends on its version."""
    if not is_about_exec(incident):
        return
    if not isinstance(facts.task_definition, Known):
        what = "the containers' environment"
        yield from not_checked(Id.EXEC_PROXY_HIDES_CREDENTIALS, what, facts.task_definition)
        return
    definition = facts.task_definition.value
    fired = [one for one in definitions_meant(incident, facts, definition) if _proxies(one) and not _spared(one)]
    if not fired:
        seen = evidence(facts.task_definition, definition.arn, f"no proxy without an exception for {_CREDENTIALS}")
        yield RuledOut(Id.EXEC_PROXY_HIDES_CREDENTIALS, seen)
    for container in fired:
        found = names(_proxies(container))
        params = exec_params(incident, facts, container.name)
        params["variables"] = [*sorted(_proxies(container))]
        yield Finding(
            cause=Id.EXEC_PROXY_HIDES_CREDENTIALS,
            confidence=Confidence.LIKELY,
            summary=f"Container {container.name} sets {found} without {_CREDENTIALS} in NO_PROXY, "
            "so that the task role's credentials are asked of the proxy.",
            subject=definition.arn,
            phase=Phase.EXEC,
            fix=fix_for(Id.EXEC_PROXY_HIDES_CREDENTIALS, params),
            params=params,
            evidence=evidence(
                facts.task_definition, definition.arn, f"container {container.name} sets {found}, no exception"
            ),
        )


def _proxies(container: ContainerDefinition) -> set[str]:
    set_here = {*container.environment, *(secret.name for secret in container.secrets)}
    return {name for name in set_here if name.upper() in _PROXIES}


def _spared(container: ContainerDefinition) -> bool:
    listed = ",".join(value for name, value in container.environment.items() if name.upper() == "NO_PROXY")
    return bool(_COVERING & {part.strip() for part in listed.replace(" ", ",").split(",")})
