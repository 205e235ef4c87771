"""The lease of an incident, given back with what Slack shows by then: the one end of everything that attends to it."""

from ecs_medic.ledger import leases
from ecs_medic.ledger.incidents import IncidentRecord
from ecs_medic.ledger.rhythm import epoch_ms
from ecs_medic.response.surroundings import Surroundings
from ecs_medic.response.told import Told


def give_back(record: IncidentRecord, told: Told, around: Surroundings, *, finished: bool = True) -> None:
    """Give the lease back; what is not `finished` is taken up again.

    Raises:
        LeaseLost: another run attends to the incident by now.
    """
    leases.settle(
        around.table,
        record.id,
        owner=around.owner,
        now=epoch_ms(around.now()),
        shown_count=told.shown.get(record.id),
        again_at=told.again_at,
        finished=finished,
        rhythm=around.rhythm,
    )
