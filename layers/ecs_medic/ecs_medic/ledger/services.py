"""Which incidents a service has open: those that its next steady state may end."""

from ecs_medic.ledger import keys
from ecs_medic.ledger.incidents import Subject
from ecs_medic.ledger.rhythm import expires_at
from ecs_medic.ledger.table import Delete, Put, Table


def incidents_of(table: Table, account: str, region: str, cluster: str, service: str) -> tuple[str, ...]:
    """The ids of the incidents that were open a moment ago."""
    items = table.query(keys.service_pk(account, region, cluster, service), keys.MEMBER_PREFIX)
    return tuple(str(item["sk"]).removeprefix(keys.MEMBER_PREFIX) for item in items)


def listed(subject: Subject, incident_id: str, until: int) -> tuple[Put, ...]:
    """The write that lists an incident; none for what belongs to no service. `until` in epoch ms."""
    if subject.service is None:
        return ()
    key = keys.service(subject.account, subject.region, subject.cluster, subject.service, incident_id)
    return (Put(key, {"expires_at": expires_at(until)}),)


def unlisted(subject: Subject, incident_id: str) -> tuple[Delete, ...]:
    """The write that takes it off."""
    if subject.service is None:
        return ()
    return (Delete(keys.service(subject.account, subject.region, subject.cluster, subject.service, incident_id)),)
