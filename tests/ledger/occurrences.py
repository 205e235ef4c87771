"""Events of a crash-looping service, as the ledger is told of them."""

from ecs_medic.finding import Confidence
from ecs_medic.incident import Kind
from ecs_medic.ledger.diagnoses import Diagnosis
from ecs_medic.ledger.incidents import Occurrence, Subject
from ecs_medic.ledger.rhythm import MINUTE
from ecs_medic.vocabulary import Id

START = 1_780_000_000_000
INCIDENT = "inc-0123456789ab"


def subject(service: str | None = "orders", cluster: str = "shop") -> Subject:
    return Subject(
        kind=Kind.STOPPED_TASK,
        account="123456789012",
        region="eu-west-1",
        cluster=cluster,
        symptom=Id.ECR_UNREACHABLE,
        service=service,
        task_definition=f"{service or 'batch'}:7",
        launch_type="FARGATE",
    )


def occurrence(
    number: int = 1, *, at: int | None = None, incident_id: str = INCIDENT, service: str | None = "orders"
) -> Occurrence:
    happened = START - MINUTE + number if at is None else at
    arn = f"arn:aws:ecs:eu-west-1:123456789012:task/shop/{incident_id[4:]}{number:020d}"
    return Occurrence(incident_id, f"{arn}#5", happened, subject(service))


def diagnosis(*, at: int = START, cause: Id = Id.VPC_ENDPOINT_MISSING, guilty: str = "vpc-0aaa") -> Diagnosis:
    return Diagnosis(
        at=at,
        cause=cause,
        confidence=Confidence.CONFIRMED,
        guilty=guilty,
        report={"verdict": cause.value},
        evidence={"ecs:DescribeTasks": [{"stoppedReason": "CannotPullContainerError"}]},
    )


def held[T](value: T | None) -> T:
    """What a test knows to be there."""
    assert value is not None
    return value
