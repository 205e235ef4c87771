"""A broken shop goes through the whole workflow, and everything that is promised of a repair is looked at."""

import functools
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from ecs_medic.aws.reader import Reader
from ecs_medic.aws.writer import Writer
from ecs_medic.collect.identify import identify
from ecs_medic.events.parse import parse
from ecs_medic.plan import Action
from ecs_medic.remedies.policy import RepairPolicy
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.registry import remedy
from ecs_medic.remedies.run import Run
from ecs_medic.repair.controls import Controls, Mode
from ecs_medic.repair.pace import Pace
from ecs_medic.repair.site import Site
from ecs_medic.repair.workflow import Ending, repair
from ecs_medic.run_state import RunState
from sandbox.client import REGION, Sandbox
from sandbox.ecs.addresses import bucket_host, layer_bucket
from sandbox.gallery.application import ACCOUNT, CLUSTER
from tests.remedies.broken_shops import Broken, break_one, switch_everything_on
from tests.repair.workplace import APPROVED, Book, Clock, Journal, writes

ROUNDS = 3
HOSTS = (
    f"api.ecr.{REGION}.amazonaws.com",
    f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com",
    bucket_host(layer_bucket(REGION), REGION),
    *(f"{one}.{REGION}.amazonaws.com" for one in ("logs", "ssmmessages", "s3", "sqs", "kms", "secretsmanager", "sts")),
    f"dynamodb.{REGION}.amazonaws.com",
    "public.ecr.aws",
    "registry-1.docker.io",
)
_AT_RISK = re.compile(r"Would cut off [^.]*|Whether .* keeps its way")
_STARTS_TASKS = frozenset({Action.FORCE_NEW_DEPLOYMENT})
_PASSING = frozenset({"CreationTimestamp", "ResponseMetadata", "LastUpdatedTimestamp"})

ASKING = Controls(mode=Mode.ASK)
UNATTENDED = Controls(
    mode=Mode.AUTO,
    max_monthly_cost_usd=None,
    policy=RepairPolicy(auto_actions=frozenset(Action), untagged_is_free=True),
)

type Ways = dict[str, set[str]]


@functools.cache
def _reader(_account: str) -> Reader:
    """One for all: clients are slow to make."""
    return Reader(REGION)


@functools.cache
def _writer(_account: str) -> Writer:
    return Writer(REGION, gate=lambda: None)


@dataclass
class Repair:
    """One run in one shop."""

    shop: Broken
    run_id: str
    controls: Controls = ASKING
    book: Book = field(default_factory=Book)
    clock: Clock = field(default_factory=Clock)

    @property
    def reader(self) -> Reader:
        return _reader(self.shop.account.aws_url).again()

    def site(self) -> Site:
        return Site(
            run_id=self.run_id,
            incident=identify(parse(self.shop.event), self.reader).incident,
            reader=lambda: self.reader,
            writer=_writer(self.shop.account.aws_url),
            records=self.book,
            controls=lambda: self.controls,
            now=self.clock,
            stay_up=timedelta(minutes=3),
        )

    def through(self) -> Ending:
        """The workflow, with every question answered by yes."""
        journal = Journal(self.clock, [APPROVED for _ in range(ROUNDS + 1)])
        return repair(journal, self.site(), Pace(rounds=ROUNDS + 1, prove=600, settle=120, undo=120))

    def run(self, run_id: str) -> Run:
        """For single changes after the workflow."""

        def save(_: Receipt) -> None:
            return None

        writer = _writer(self.shop.account.aws_url)
        return Run(run_id, self.book.incident_id, REGION, self.reader, writer, save)


def repaired_or_left(account: Sandbox, seed: int) -> str:
    """What became of it; every promise is asserted. Every other shop is repaired unattended, where that is allowed."""
    account.reset(seed=seed)
    shop = break_one(account, seed)
    about: tuple[object, ...] = (seed, shop.faults, shop.ground.way_out)
    before, ways = state(shop), every_way(shop)
    account.clear_calls()
    first = Repair(shop, "run-00000000000a", UNATTENDED if seed % 2 else ASKING)
    ending = first.through()
    about = (*about, ending.words)
    if not first.book.receipts():
        assert not writes(account), about
        _left_alone(shop, ending, ways, about)
        return "left alone"
    assert ending.state is RunState.REPAIRED, about
    assert not shop.hopeless, about
    rounds = len(first.book.reserved)
    assert rounds <= ROUNDS, about
    assert shop.takes_a_session() if shop.by_exec else shop.works(), about
    assert_nothing_lost(ways, every_way(shop), about)
    account.clear_calls()
    second = Repair(shop, "run-00000000000b").through()
    assert not writes(account), (about, second, writes(account))
    assert second.state is RunState.NOTHING_TO_DO, (about, second.words)
    made = _without_each(first, about)
    written = not seed % 3
    if written:
        # Whatever was taken back is there again, and log groups are empty no longer.
        assert shop.works(), about
    for one in reversed(made):
        assert _taken_back(one, first).undone, (about, one)
    after = state(shop)
    kept = written and any(one.receipt.change.action is Action.CREATE_LOG_GROUP for one in made)
    expected = {**before, "log groups": sorted({*before["log groups"], *([shop.log_group] if kept else [])})}
    for name, value in expected.items():
        assert after[name] == value, (about, name)
    assert kept or not shop.works(), about
    return f"{rounds} rounds"


def every_way(shop: Broken) -> Ways:
    """What every client of the VPC reaches, as the account itself walks there."""
    vpc = shop.ground.network.vpc
    found = shop.account.ecs("every_way", account=ACCOUNT, region=REGION, vpc=vpc, hosts=HOSTS)
    return {one: set(hosts) for one, hosts in found.items()}


def assert_nothing_lost(before: Ways, after: Ways, about: object) -> None:
    # Tasks that have been replaced are gone with their interfaces.
    lost = {one: hosts - after[one] for one, hosts in before.items() if one in after and hosts - after[one]}
    assert not lost, (about, lost)


def state(shop: Broken) -> dict[str, Any]:
    """The configuration that a repair may touch, without what only passes by, such as tasks' interfaces."""
    ec2, network = shop.account.client("ec2"), shop.ground.network
    of_vpc = [{"Name": "vpc-id", "Values": [network.vpc]}]
    lists = {
        "VpcEndpoints": ec2.describe_vpc_endpoints(Filters=of_vpc),
        "SecurityGroups": ec2.describe_security_groups(Filters=of_vpc),
        "SecurityGroupRules": ec2.describe_security_group_rules(),
        "RouteTables": ec2.describe_route_tables(Filters=of_vpc),
    }
    found: dict[str, Any] = {
        name: sorted((_plain(one) for one in answer[name]), key=repr) for name, answer in lists.items()
    }
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        found[attribute] = _plain(ec2.describe_vpc_attribute(VpcId=network.vpc, Attribute=attribute))
    groups = shop.account.client("logs").describe_log_groups()["logGroups"]
    found["log groups"] = sorted(one["logGroupName"] for one in groups)
    (service,) = shop.account.client("ecs").describe_services(cluster=CLUSTER, services=["orders"])["services"]
    found["service"] = (service["enableExecuteCommand"], service["networkConfiguration"])
    return found


def _left_alone(shop: Broken, ending: Ending, ways: Ways, about: object) -> None:
    """Nothing was changed, with a reason. Where a repair would have cut somebody off, it would have indeed."""
    assert ending.state is RunState.NOTHING_TO_DO, about
    assert len(ending.words) > len("There is nothing to change."), about
    assert not (shop.takes_a_session() if shop.by_exec else shop.works()), about
    if not shop.hopeless:
        assert "is not safe" in ending.words, about
        named = _AT_RISK.findall(ending.words)
        switch_everything_on(shop)
        after = every_way(shop)
        assert any(ways[one] - after[one] for one in re.findall(r"eni-\w+", " ".join(named))), about


@dataclass
class _Made:
    """A change that stands, and the run that made it last."""

    receipt: Receipt
    run_id: str


def _without_each(done: Repair, about: object) -> list[_Made]:
    """Each change is taken back alone, which brings the failure back, and made again."""
    shop = done.shop
    made = [_Made(one, done.run_id) for _, one in sorted(done.book.receipts().items())]
    lasting = [one for one in made if one.receipt.change.action not in _STARTS_TASKS]
    assert lasting, about
    for number, one in enumerate(lasting):
        change = one.receipt.change
        if change.action is Action.CREATE_LOG_GROUP:
            # It holds log streams by now, and is kept.
            _taken_back(one, done)
            shop.account.client("logs").delete_log_group(logGroupName=change.params["log_group"])
        else:
            assert _taken_back(one, done).undone, (about, change, one.receipt)
        assert not shop.works(), ("not needed", about, change)
        one.run_id = f"run-again-{number:05}"
        one.receipt = remedy(change).apply(
            change, done.run(one.run_id), Receipt(one.run_id, done.book.incident_id, change)
        )
        assert one.receipt.failed is None, (about, one)
    return lasting


def _taken_back(one: _Made, done: Repair) -> Receipt:
    for _ in range(3):
        one.receipt = remedy(one.receipt.change).undo(one.receipt, done.run(one.run_id))
        if one.receipt.undone:
            break
    return one.receipt


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in _PASSING}
    return [_plain(item) for item in value] if isinstance(value, list) else value
