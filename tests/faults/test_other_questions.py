"""Reads that no scenario of the gallery asks for: what each fault makes of them, as a fact."""

import pytest
from botocore.config import Config

from ecs_medic.aws import clients
from ecs_medic.aws.permissions import permission_for
from ecs_medic.aws.reader import Reader
from ecs_medic.facts.fact import Absent, Known, Unknown
from sandbox.client import REGION, Sandbox
from tests.faults.cells import BESIDE_THE_GALLERY, KINDS, Cell, cells
from tests.faults.theatre import IMPATIENT, without_pauses

CELLS = list(cells(dict.fromkeys(BESIDE_THE_GALLERY, "")))


@pytest.fixture(autouse=True)
def furnished(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in account.environment.items():
        monkeypatch.setenv(name, value)
    without_pauses(monkeypatch)
    account.client("ecs").create_cluster(clusterName="shop")
    account.client("ecr").create_repository(repositoryName="shop")
    account.client("secretsmanager").create_secret(Name="shop", SecretString="{}")
    document = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
    account.client("iam").create_policy(PolicyName="shop", PolicyDocument=document)
    location = {"LocationConstraint": REGION}
    account.client("s3").create_bucket(Bucket="shop-audit", CreateBucketConfiguration=location)


def in_ci(cell: Cell) -> bool:
    """One kind for each call, another one for the next."""
    position = list(BESIDE_THE_GALLERY).index(cell.call)
    return list(KINDS).index(cell.kind) == position % len(KINDS)


@pytest.mark.parametrize(
    "cell", [pytest.param(one, id=str(one), marks=() if in_ci(one) else pytest.mark.soak) for one in CELLS]
)
def test_a_fault_is_a_fact_of_its_own(account: Sandbox, monkeypatch: pytest.MonkeyPatch, cell: Cell):
    if cell.kind == "timeout":
        monkeypatch.setattr(clients, "_CONFIG", clients._CONFIG.merge(IMPATIENT).merge(Config(read_timeout=0.5)))
    service, operation = cell.call.split(":")
    reader = Reader(REGION)
    before = reader.read(service, operation, BESIDE_THE_GALLERY[cell.call])
    account.fault(**cell.fault)
    after = reader.read(service, operation, BESIDE_THE_GALLERY[cell.call])
    account.clear_faults()
    match cell.kind:
        case "throttled_twice":
            assert type(after) is type(before)
        case "empty" | "pages":
            assert isinstance(after, Known | Absent)
        case _:
            assert isinstance(after, Unknown), after
            missing = permission_for(service, operation) if cell.kind == "access_denied" else None
            assert after.missing_permission == missing
