"""Random VPC endpoints of a network in the embedded account."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sandbox.client import REGION, Sandbox

if TYPE_CHECKING:
    from tests.reachability.wire_networks import Plan
    from tests.reachability.wire_rules import Groups

SERVICES = ("ecr.api", "ecr.dkr", "logs", "ssmmessages")
AN_HOUR = 3600.0
EVERYTHING = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
LAYERS = {"Effect": "Allow", "Principal": "*", "Action": "s3:Get*", "Resource": "arn:aws:s3:::prod-*"}
PULLS = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
OTHER_BUCKETS = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::orders-*"}
NO_WRITING = {"Effect": "Deny", "Principal": "*", "Action": "logs:Put*", "Resource": "*"}
NO_OBJECTS = {"Effect": "Deny", "Principal": "*", "Action": "*Object", "Resource": "*"}
POLICIES = ([EVERYTHING], [LAYERS, PULLS], [OTHER_BUCKETS], [EVERYTHING, NO_WRITING], [EVERYTHING, NO_OBJECTS])


def endpoints(account: Sandbox, plan: Plan, groups: Groups, tables: tuple[str, str, str]) -> None:
    """A gateway endpoint of Amazon S3, on some of the tables or on none, and interface endpoints of some services."""
    dice = plan.dice
    gateway = plan.rolls(0.5)
    if gateway:
        own, main, public = tables
        choices = ((own,), (main,), (public,), (), tuple(dict.fromkeys(tables)))
        chosen = dice.choices(choices, (50, 5, 20, 15, 10))[0]
        _create(plan, "s3", "Gateway", **({"RouteTableIds": list(chosen)} if chosen else {}))
    for service in dice.sample(SERVICES, dice.choice((0, 1, 1, 2))):
        pending = plan.rolls(0.08)
        if pending:
            account.behave(endpoint_pending_seconds=AN_HOUR)
        _interface_endpoint(plan, groups, service, PrivateDnsEnabled=plan.rolls(0.85))
        if pending:
            account.behave(endpoint_pending_seconds=0.0)
    if plan.rolls(0.2):
        settings: dict[str, Any] = {"PrivateDnsEnabled": False}
        if plan.rolls(0.7):
            # Its private names for what comes from outside only: AWS asks for a gateway endpoint beside it.
            for_others_only = gateway and plan.rolls(0.5)
            options = {"PrivateDnsOnlyForInboundResolverEndpoint": for_others_only}
            settings = {"PrivateDnsEnabled": True, "DnsOptions": options}
        _interface_endpoint(plan, groups, "s3", **settings)


def _interface_endpoint(plan: Plan, groups: Groups, service: str, **settings: Any) -> None:
    subnets = plan.dice.choice(([plan.task], [plan.other], [plan.task, plan.other], [plan.other, plan.public]))
    given = plan.dice.choices(([groups.endpoint], [groups.endpoint, groups.second], []), (80, 12, 8))[0]
    if given:
        settings["SecurityGroupIds"] = given
    _create(plan, service, "Interface", SubnetIds=subnets, **settings)


def _create(plan: Plan, service: str, kind: str, **settings: Any) -> None:
    if plan.rolls(0.3):
        statements = plan.dice.choice(POLICIES)
        settings["PolicyDocument"] = json.dumps({"Version": "2012-10-17", "Statement": statements})
    name = f"com.amazonaws.{REGION}.{service}"
    plan.ec2.create_vpc_endpoint(VpcId=plan.vpc, ServiceName=name, VpcEndpointType=kind, **settings)
