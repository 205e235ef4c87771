"""The cluster does not exist in this Region and account."""

from collections.abc import Iterator

from ecs_medic.catalogue.fix import fix_for
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Known
from ecs_medic.finding import Confidence, Evidence, Finding, Outcome, Phase, RuledOut
from ecs_medic.incident import Incident
from ecs_medic.rules.placement.unread import unread
from ecs_medic.rules.reported import surroundings
from ecs_medic.vocabulary import Id

_ACTIVE = {"ACTIVE", "PROVISIONING"}


def cluster_not_found(incident: Incident, facts: Facts) -> Iterator[Outcome]:
    """Fires where ECS knows no such cluster, or only remembers a deleted one."""
    cluster = facts.cluster
    if cluster is NOT_READ:
        return
    if isinstance(cluster, Known) and cluster.value.status.upper() in _ACTIVE:
        observed = f"status {cluster.value.status}"
        yield RuledOut(Id.CLUSTER_NOT_FOUND, (Evidence(cluster.source, incident.cluster, observed),))
    elif isinstance(cluster, Known | Absent):
        observed = f"status {cluster.value.status}" if isinstance(cluster, Known) else cluster.detail
        params = surroundings(incident)
        yield Finding(
            cause=Id.CLUSTER_NOT_FOUND,
            confidence=Confidence.CONFIRMED,
            summary=f"There is no active cluster {incident.cluster} in {incident.region}, account {incident.account}.",
            subject=incident.cluster,
            phase=Phase.SERVICE,
            fix=fix_for(Id.CLUSTER_NOT_FOUND, params),
            params=params,
            evidence=(Evidence(cluster.source, incident.cluster, observed),),
        )
    else:
        yield unread(Id.CLUSTER_NOT_FOUND, cluster)
