"""Reads that no scenario of the gallery asks for: what each fault makes of them, as a fact."""

import pytest
from botocore.config import Config

from ecs_medic.aws import clients
from ecs_medic.aws.permissions import permission_for
from ecs_medic.aws.reader import Answer, Call, Reader
from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from sandbox.client import REGION, Sandbox
from sandbox.fault_pages import ITEMS_A_PAGE, PAGES
from tests.faults.cells import BESIDE_THE_GALLERY, KINDS, Cell, cells
from tests.faults.patience import at_most
from tests.faults.theatre import IMPATIENT, without_pauses

LISTS = {
    "ec2:DescribeInstanceTypes": "InstanceTypes",
    "ec2:GetManagedPrefixListEntries": "Entries",
    "ecs:ListClusters": "clusterArns",
    "ecs:ListServices": "serviceArns",
}
"""What is read with all its pages, as the product reads it."""
PADDED = {
    # The list of prefixes is not there, and there is no service: nothing to be like.
    "ec2:GetManagedPrefixListEntries": 0,
    "ecs:ListClusters": PAGES * ITEMS_A_PAGE,
    "ecs:ListServices": 0,
}
"""How many others the fault puts before the true items."""
NUMBERS_TAKEN_FOR_NAMES = frozenset({"ec2:DescribeInstanceTypes"})
"""Where the sandbox, when it makes others, gives the numbers of a list other names: nobody can read such an answer."""
LONGEST = 60.0
"""Seconds by the clock on the wall."""
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


def among_others(before: Fact[Answer], after: Fact[Answer], others: int) -> None:
    """The whole answer of the undisturbed account, after all the others, of which none is one of its items."""
    if not isinstance(before, Known):
        assert after == before
        return
    assert isinstance(after, Known), after
    ((name, items),) = before.value.items()
    found = after.value[name]
    assert len(found) == others + len(items)
    assert found[others:] == items
    assert not any(one in items for one in found[:others])


@pytest.mark.parametrize(
    "cell", [pytest.param(one, id=str(one), marks=() if in_ci(one) else pytest.mark.soak) for one in CELLS]
)
def test_a_fault_is_a_fact_of_its_own(account: Sandbox, monkeypatch: pytest.MonkeyPatch, cell: Cell):
    if cell.kind == "timeout":
        monkeypatch.setattr(clients, "_CONFIG", clients._CONFIG.merge(IMPATIENT).merge(Config(read_timeout=0.5)))
    service, operation = cell.call.split(":")
    reader = Reader(REGION)
    call = Call(service, operation, BESIDE_THE_GALLERY[cell.call], items=LISTS.get(cell.call))
    before = reader.together({"": call})[""]
    account.fault(**cell.fault)
    with at_most(LONGEST, cell):
        after = reader.together({"": call})[""]
    account.clear_faults()
    match cell.kind:
        case "throttled_twice":
            assert after == before
        case "empty":
            assert isinstance(after, Known | Absent)
        case "pages" if cell.call in NUMBERS_TAKEN_FOR_NAMES:
            assert isinstance(after, Unknown)
            assert after.reason == "unreadable answer: ValueError"
        case "pages":
            among_others(before, after, PADDED[cell.call])
        case _:
            assert isinstance(after, Unknown), after
            missing = permission_for(service, operation) if cell.kind == "access_denied" else None
            assert after.missing_permission == missing
