"""The task's subnet has IPv6 only, which ECS Exec is documented not to support.

Newer agents know dual-stack endpoints, so this is never more than likely.
Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
"""

from collections.abc import Iterable

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.finding import Confidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import is_about_exec
from ecs_medic.rules.exec.target import evidence, exec_params, not_checked, subject_of
from ecs_medic.vocabulary import Id


def exec_ipv6_only(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """By the subnet of the task's own interface; a task on its host's network has none."""
    if not is_about_exec(incident):
        return
    if isinstance(facts.task_interface, Unknown):
        yield from not_checked(Id.EXEC_IPV6_ONLY, "the task's subnet", facts.task_interface)
    if not isinstance(facts.task_interface, Known):
        return
    interface = facts.task_interface.value
    subnets = facts.network_of(interface).subnets
    subnet = subnets.value.get(interface.subnet_id) if isinstance(subnets, Known) else None
    if not isinstance(subnets, Known) or subnet is None:
        why = subnets if isinstance(subnets, Unknown) else Unknown(subnets.source, f"{interface.subnet_id} not found")
        yield from not_checked(Id.EXEC_IPV6_ONLY, "the task's subnet", why)
        return
    if not subnet.ipv6_native:
        yield RuledOut(Id.EXEC_IPV6_ONLY, evidence(subnets, subnet.id, f"has IPv4 ({subnet.cidr})"))
        return
    params = {**exec_params(incident, facts), "subnet_id": subnet.id}
    yield Finding(
        cause=Id.EXEC_IPV6_ONLY,
        confidence=Confidence.LIKELY,
        summary=f"The task runs in {subnet.id}, which has IPv6 only; ECS Exec needs IPv4 or dual stack.",
        subject=subject_of(incident, facts),
        phase=Phase.EXEC,
        fix=fix_for(Id.EXEC_IPV6_ONLY, params),
        params=params,
        evidence=evidence(subnets, subnet.id, "Ipv6Native is true"),
    )
