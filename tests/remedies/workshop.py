"""A repair in the embedded account, step by step: diagnosis, plan, changes, and what became of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ecs_medic.aws.reader import Reader
from ecs_medic.aws.writer import Writer
from ecs_medic.collect import collect_for
from ecs_medic.collect.identify import identify
from ecs_medic.events.parse import parse
from ecs_medic.facts import Facts
from ecs_medic.finding import Finding
from ecs_medic.incident import Incident
from ecs_medic.plan import Action, Change, Plan
from ecs_medic.remedies.planning import plan_for
from ecs_medic.remedies.policy import RepairPolicy
from ecs_medic.remedies.receipt import Receipt
from ecs_medic.remedies.registry import remedy
from ecs_medic.remedies.remedy import State
from ecs_medic.remedies.run import Run
from ecs_medic.remedies.survey import survey
from ecs_medic.rules.judge import judge
from sandbox.client import REGION, Sandbox
from sandbox.gallery import build
from sandbox.gallery.scenario import Scenario

EC2_LISTS = {
    "describe_vpc_endpoints": "VpcEndpoints",
    "describe_security_groups": "SecurityGroups",
    "describe_security_group_rules": "SecurityGroupRules",
    "describe_route_tables": "RouteTables",
    "describe_network_interfaces": "NetworkInterfaces",
}
_PASSING = frozenset({"CreationTimestamp", "ResponseMetadata"})


@dataclass(frozen=True)
class Looked:
    """What a diagnosis shows."""

    incident: Incident
    facts: Facts
    findings: tuple[Finding, ...]


@dataclass
class Workshop:
    """The account, and what is kept of the runs in it: receipts survive whatever happens to a run."""

    account: Sandbox
    saved: dict[int, Receipt] = field(default_factory=dict)
    saves: list[Receipt] = field(default_factory=list)
    closed: str | None = None

    def look(self, event: Mapping[str, Any]) -> Looked:
        reader = Reader(REGION)
        now = datetime.now(UTC)
        identified = identify(parse(event), reader)
        facts = collect_for(identified, reader, now).facts
        return Looked(identified.incident, facts, judge(identified.incident, facts).findings)

    def plan(self, event: Mapping[str, Any], policy: RepairPolicy | None = None) -> Plan:
        seen = self.look(event)
        around = survey(seen.findings, seen.facts, Reader(REGION))
        return plan_for(seen.incident, seen.findings, seen.facts, around, policy or RepairPolicy())

    def run(self, name: str = "run-1", position: int = 0) -> Run:
        def save(receipt: Receipt) -> None:
            self.saves.append(receipt)
            self.saved[position] = receipt

        writer = Writer(REGION, gate=lambda: self.closed)
        return Run(name, "inc-0123456789ab", REGION, Reader(REGION), writer, save)

    def apply(self, changes: Iterable[Change], name: str = "run-1") -> list[Receipt]:
        """All of them, going on from the receipts that are there."""
        done = []
        for position, change in enumerate(changes):
            run = self.run(name, position)
            fresh = Receipt(run.id, run.incident_id, change)
            receipt = remedy(change).apply(change, run, self.saved.get(position, fresh))
            self.saved[position] = receipt
            done.append(receipt)
            if receipt.failed:
                break
        return done

    def undo(self, receipts: Iterable[Receipt], name: str = "run-1", rounds: int = 3) -> list[Receipt]:
        """The last change first, as often as it takes."""
        found = list(receipts)
        for _ in range(rounds):
            for position in reversed(range(len(found))):
                change = found[position].change
                found[position] = remedy(change).undo(found[position], self.run(name, position))
                self.saved[position] = found[position]
        return found

    def settled(self, receipts: Iterable[Receipt]) -> dict[Action, State]:
        reader = Reader(REGION)
        return {one.change.action: remedy(one.change).settled(one, reader).state for one in receipts}

    def running(self, scenario: Scenario) -> int:
        ecs = self.account.client("ecs")
        found = ecs.describe_services(cluster=scenario.cluster, services=[scenario.service])["services"][0]
        return int(found["runningCount"])

    def state(self) -> dict[str, Any]:
        """Everything that the remedies of the network can change, in the form in which it is compared."""
        ec2 = self.account.client("ec2")
        state: dict[str, Any] = {
            operation: sorted((_plain(one) for one in getattr(ec2, operation)()[name]), key=repr)
            for operation, name in EC2_LISTS.items()
        }
        state["log groups"] = self.account.client("logs").describe_log_groups()["logGroups"]
        return state


def built(account: Sandbox, name: str) -> tuple[Workshop, Scenario]:
    scenario = build(account, name)
    return Workshop(account), scenario


def without_deployment(plan: Plan) -> tuple[Change, ...]:
    return tuple(one for one in plan.changes if one.action is not Action.FORCE_NEW_DEPLOYMENT)


def renumbered(receipt: Receipt, run_id: str) -> Receipt:
    return replace(receipt, run_id=run_id)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in _PASSING}
    return [_plain(item) for item in value] if isinstance(value, list) else value
