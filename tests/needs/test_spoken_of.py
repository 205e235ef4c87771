"""A symptom that names a service is about that service's needs, and about nobody else's."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ecs_medic.finding import Phase
from ecs_medic.incident import Incident, Kind, Message, SymptomConfidence
from ecs_medic.needs.need import Carrier, Destination, Need, Purpose
from ecs_medic.needs.spoken_of import is_spoken_of
from ecs_medic.vocabulary import Id

FROM_ECR = Need(
    Purpose.IMAGE_MANIFEST,
    Phase.IMAGE,
    Carrier.TASK,
    Destination("123456789012.dkr.ecr.eu-west-1.amazonaws.com"),
    "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/orders:1",
    actions=("ecr:BatchGetImage",),
    resources=("*",),
)
FROM_DOCKER_HUB = replace(
    FROM_ECR, destination=Destination("registry-1.docker.io"), subject="nginx:latest", actions=(), resources=()
)
FROM_QUAY = replace(FROM_DOCKER_HUB, destination=Destination("quay.io"), subject="quay.io/shop/sidecar:1")
OTHERS = {
    purpose: replace(FROM_DOCKER_HUB, purpose=purpose)
    for purpose in (
        Purpose.REGISTRY_AUTH,
        Purpose.IMAGE_LAYERS,
        Purpose.SECRET,
        Purpose.PARAMETER,
        Purpose.ENVIRONMENT_FILE,
        Purpose.LOGS,
    )
}
NEEDS = (FROM_ECR, FROM_DOCKER_HUB, *OTHERS.values())


def incident(symptom: Id, reason: str | None = None) -> Incident:
    return Incident(
        Kind.STOPPED_TASK, "123456789012", "eu-west-1", "shop", symptom, SymptomConfidence.CERTAIN,
        Message(stopped_reason=reason), datetime(2026, 3, 1, tzinfo=UTC),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("symptom", "expected"),
    [
        (Id.ECR_UNREACHABLE, {FROM_ECR, OTHERS[Purpose.REGISTRY_AUTH]}),
        (Id.IMAGE_LAYERS_UNREACHABLE, {OTHERS[Purpose.IMAGE_LAYERS]}),
        (Id.SECRETS_UNREACHABLE, {OTHERS[Purpose.SECRET]}),
        (Id.SSM_PARAMETERS_UNREACHABLE, {OTHERS[Purpose.PARAMETER]}),
        (Id.ENV_FILE_UNREACHABLE, {OTHERS[Purpose.ENVIRONMENT_FILE]}),
        (Id.LOGS_UNREACHABLE, {OTHERS[Purpose.LOGS]}),
        (Id.LOG_GROUP_MISSING, {OTHERS[Purpose.LOGS]}),
        (Id.IMAGE_PULL_FAILED, set(NEEDS)),
    ],
)
def test_a_symptom_speaks_of_its_own_service(symptom, expected):
    assert {need for need in NEEDS if is_spoken_of(need, incident(symptom))} == expected


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ('failed to do request: Head "https://quay.io/v2/shop/sidecar/manifests/1": i/o timeout', {FROM_QUAY}),
        ("failed to copy: httpReadSeeker: dial tcp: lookup registry-1.docker.io: no such host", {FROM_DOCKER_HUB}),
        ("the registry did not answer", {FROM_ECR, FROM_DOCKER_HUB, FROM_QUAY}),
    ],
)
def test_a_registry_is_the_one_that_the_message_names(reason, expected):
    about = incident(Id.REGISTRY_UNREACHABLE, reason)
    assert {need for need in (FROM_ECR, FROM_DOCKER_HUB, FROM_QUAY) if is_spoken_of(need, about)} == expected
