"""Two hundred services in five VPCs: what they have in common is read once."""

from collections import Counter
from datetime import UTC, datetime

from ecs_medic.aws.reader import Reader
from ecs_medic.preflight.check import check
from sandbox.client import REGION, Sandbox
from sandbox.gallery import network as net
from sandbox.gallery.application import CLUSTER, Application, deploy, network_configuration
from sandbox.gallery.workbench import Workbench

VPCS, APPLICATIONS, SERVICES = 5, 10, 200
OF_ONE_VPC = {"ec2:DescribeVpcAttribute", "route53:ListHostedZonesByVPC"}
OF_ALL_VPCS = {
    "ec2:DescribeDhcpOptions",
    "ec2:DescribeNatGateways",
    "ec2:DescribeNetworkAcls",
    "ec2:DescribePrefixLists",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
}


def test_calls(account: Sandbox):
    with account.environ():
        bench = Workbench(account)
        networks = [net.with_endpoints(bench, f"vpc-{number}", (*net.START, "ssmmessages")) for number in range(VPCS)]
        for number in range(APPLICATIONS):
            network = networks[number % VPCS]
            deploy(bench, Application(f"app-{number}", network, enable_exec=True, create_log_group=number != 3))
        for number in range(APPLICATIONS, SERVICES):
            bench.client("ecs").create_service(
                cluster=CLUSTER,
                serviceName=f"service-{number}",
                taskDefinition=f"app-{number % APPLICATIONS}",
                desiredCount=0,
                enableExecuteCommand=True,
                launchType="FARGATE",
                networkConfiguration=network_configuration(networks[number % VPCS]),
            )
        account.clear_calls()
        told: list[tuple[str, int, int]] = []
        result = check(Reader(REGION), CLUSTER, datetime.now(UTC), watch=lambda *step: told.append(step))
        calls = Counter(f"{call['service']}:{call['operation']}" for call in account.calls())
    assert len(result.services) == SERVICES
    (trouble,) = result.findings
    assert (trouble.cause, len(trouble.services)) == ("log_group_missing", SERVICES // APPLICATIONS)

    assert sum(calls[name] for name in OF_ONE_VPC) <= 3 * VPCS
    assert all(calls[name] == 1 for name in OF_ALL_VPCS), calls
    # By ids, and of endpoints by VPC.
    assert max(calls["ec2:DescribeSubnets"], calls["ec2:DescribeNetworkInterfaces"]) <= 2
    assert calls["ecs:DescribeServices"] == SERVICES // 10
    assert calls["ecs:DescribeTaskDefinition"] == APPLICATIONS
    # Both roles of each application, asked once what they may do; and nothing else that grows with the services.
    assert calls["iam:SimulatePrincipalPolicy"] == calls["iam:GetRole"] == 2 * APPLICATIONS
    assert calls["ecr:BatchGetImage"] == APPLICATIONS
    assert calls["logs:DescribeLogGroups"] <= APPLICATIONS
    assert sum(calls.values()) == result.calls < 130
    assert ("Judging", SERVICES, SERVICES) in told
