"""The file system's name does not resolve: there is no such file system, or the VPC's DNS does not know its names.

Source: https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html
"""

from collections.abc import Iterable, Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Absent, Known
from ecs_medic.facts.network import Network
from ecs_medic.finding import Confidence, Evidence, Finding, NotChecked, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.reachability.names import Resolver, possible_resolvers
from ecs_medic.reachability.path import Hop, HopKind, Verdict
from ecs_medic.rules.network.commands import switch_vpc_dns_on
from ecs_medic.rules.network.paths import network_of
from ecs_medic.rules.storage.mounts import (
    Mount,
    absent_evidence,
    definition_not_read,
    mount_params,
    mounts,
    words,
)
from ecs_medic.vocabulary import Id

_CAUSE = Id.EFS_DNS_FAILED


def efs_dns_failed(incident: Incident, facts: Facts) -> Iterable[Outcome]:
    """Each volume's file system once; certain where EFS or the VPC's attributes show it."""
    yield from definition_not_read(_CAUSE, incident, facts)
    seen: set[str] = set()
    for mount in mounts(incident, facts):
        if mount.volume.file_system_id not in seen:
            seen.add(mount.volume.file_system_id)
            yield from _judged(mount, incident, facts)


def _judged(mount: Mount, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    identifier = mount.volume.file_system_id
    if isinstance(mount.system, Absent):
        why = f"there is no file system {identifier} in account {facts.account}, {facts.region}"
        yield _finding(mount, why, (absent_evidence(mount.system, identifier),), (), incident, facts)
        return
    named = (
        next((hop for hop in mount.way.path.hops if hop.kind is HopKind.NAME_RESOLUTION), None) if mount.way else None
    )
    network = network_of(mount.way, facts) if mount.way else None
    if named is None or network is None:
        return
    if named.verdict is Verdict.BLOCKED:
        commands = tuple(switch_vpc_dns_on(network, facts.region))
        yield _finding(mount, named.evidence.observed, (named.evidence,), commands, incident, facts)
    elif named.verdict is Verdict.OPEN:
        yield RuledOut(_CAUSE, (named.evidence,))
    else:
        yield from _undecided(mount, named, network, incident, facts)


def _undecided(mount: Mount, named: Hop, network: Network, incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """A resolver of somebody's own, of which AWS says that it did not know the name."""
    custom = isinstance(network.dns_servers, Known) and possible_resolvers(network) == {Resolver.CUSTOM}
    if custom and incident.symptom is _CAUSE:
        evidence = (named.evidence, *words(incident))
        finding = _finding(mount, named.evidence.observed, evidence, (), incident, facts)
        yield Finding(
            cause=finding.cause,
            confidence=Confidence.LIKELY,
            summary=finding.summary,
            subject=finding.subject,
            phase=finding.phase,
            fix=finding.fix,
            params=finding.params,
            evidence=finding.evidence,
        )
    else:
        yield NotChecked(_CAUSE, named.evidence.observed, named.missing_permission)


def _finding(  # noqa: PLR0917 - what was seen, and where
    mount: Mount, why: str, seen: tuple[Evidence, ...], commands: tuple[str, ...], incident: Incident, facts: Facts
) -> Finding:
    params = mount_params(mount, incident, facts)
    return Finding(
        cause=_CAUSE,
        confidence=Confidence.CONFIRMED,
        summary=f"The name of {mount.volume.file_system_id} (volume {mount.volume.name}) leads nowhere: {why}.",
        subject=mount.volume.file_system_id,
        phase=Phase.STORAGE,
        fix=fix_for(_CAUSE, params, cli=commands or None),
        params=params,
        evidence=seen,
    )
