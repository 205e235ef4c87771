"""Tasks in isolated subnets whose set of endpoints is incomplete, or not wired up."""

import json
from collections.abc import Sequence

from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, PULL_AND_LOG, Application, deploy
from sandbox.gallery.network import Network
from sandbox.gallery.observe import stopped
from sandbox.gallery.scenario import Builder, Scenario
from sandbox.gallery.workbench import Workbench

TRIGGER = "the service starts a task"


def ecr_dkr_endpoint_missing(bench: Workbench) -> Scenario:
    """Registry credentials can be had, but the registry itself is out of reach."""
    network = net.with_endpoints(bench, "stock", ["ecr.api", "logs"])
    return _missing(bench, "ecr_dkr_endpoint_missing", Application("stock", network), ["ecr.dkr"])


def ecr_api_endpoint_missing(bench: Workbench) -> Scenario:
    """The registry could be reached, but the credentials for it cannot be had."""
    network = net.with_endpoints(bench, "prices", ["ecr.dkr", "logs"])
    return _missing(bench, "ecr_api_endpoint_missing", Application("prices", network), ["ecr.api"])


def logs_endpoint_missing(bench: Workbench) -> Scenario:
    """The image is pulled, then the log driver cannot reach CloudWatch Logs."""
    network = net.with_endpoints(bench, "mail", ["ecr.api", "ecr.dkr"])
    return _missing(bench, "logs_endpoint_missing", Application("mail", network), ["logs"])


def secretsmanager_endpoint_missing(bench: Workbench) -> Scenario:
    """The task definition takes a password from Secrets Manager."""
    network = net.with_endpoints(bench, "accounts")
    secret = bench.client("secretsmanager").create_secret(
        Name="shop/accounts", SecretString=json.dumps({"password": "example"})
    )
    app = Application(
        "accounts",
        network,
        execution_actions=(*PULL_AND_LOG, "secretsmanager:GetSecretValue"),
        secrets={"DATABASE_PASSWORD": f"{secret['ARN']}:password::"},
    )
    return _missing(bench, "secretsmanager_endpoint_missing", app, ["secretsmanager"])


def every_endpoint_missing(bench: Workbench) -> Scenario:
    """An isolated subnet with nothing at all."""
    app = Application("reports", net.isolated(bench, "reports"))
    return _missing(bench, "every_endpoint_missing", app, [*net.START, "s3"])


def s3_gateway_not_on_route_table(bench: Workbench) -> Scenario:
    """The S3 gateway endpoint exists, on another route table than the task subnet's."""
    network = net.isolated(bench, "search")
    net.add_endpoints(bench, network, net.START)
    other = bench.client("ec2").create_route_table(VpcId=network.vpc)["RouteTable"]["RouteTableId"]
    net.add_s3_gateway(bench, network, [other])
    deploy(bench, Application("search", network))
    return Scenario(
        name="s3_gateway_not_on_route_table",
        title="The S3 gateway endpoint is not on the task subnet's route table",
        trigger=TRIGGER,
        event=stopped(bench, "search"),
        cause="s3_gateway_not_on_route_table",
        params={"vpc_endpoint_id": network.endpoints["s3"], "route_table_id": network.route_table},
        cluster=CLUSTER,
        service="search",
        resources=network.ids(),
    )


def _missing(bench: Workbench, name: str, app: Application, services: Sequence[str]) -> Scenario:
    deploy(bench, app)
    network: Network = app.network
    return Scenario(
        name=name,
        title=f"An isolated subnet without an endpoint for {', '.join(services)}",
        trigger=TRIGGER,
        event=stopped(bench, app.name),
        cause="vpc_endpoint_missing",
        params={"services": [*sorted(net.full_name(service) for service in services)]},
        cluster=CLUSTER,
        service=app.name,
        resources=network.ids(),
    )


BUILDERS: tuple[Builder, ...] = (
    ecr_dkr_endpoint_missing,
    s3_gateway_not_on_route_table,
    logs_endpoint_missing,
    ecr_api_endpoint_missing,
    secretsmanager_endpoint_missing,
    every_endpoint_missing,
)
