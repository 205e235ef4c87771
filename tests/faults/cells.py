"""The matrix: every call of AWS by what can be wrong with its answer, and what must come of each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.fault_pages import lists_of, paging_of

KINDS: Mapping[str, Mapping[str, Any]] = {
    "access_denied": {"kind": "access_denied"},
    "throttled_twice": {"kind": "throttled", "times": 2},
    "throttled": {"kind": "throttled"},
    "server_error": {"kind": "server_error"},
    "timeout": {"kind": "timeout", "seconds": 30},
    "truncated": {"kind": "truncated"},
    "empty": {"kind": "empty"},
    "pages": {"kind": "pages"},
}

CALLS_OF: Mapping[str, tuple[str, ...]] = {
    "ecr_dkr_endpoint_missing": (
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetTrailStatus",
        "cloudtrail:LookupEvents",
        "dynamodb:BatchGetItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:TransactWriteItems",
        "dynamodb:UpdateItem",
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNatGateways",
        "ec2:DescribeNetworkAcls",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribePrefixLists",
        "ec2:DescribeRouteTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcAttribute",
        "ec2:DescribeVpcEndpointServices",
        "ec2:DescribeVpcEndpoints",
        "ec2:DescribeVpcs",
        "ecs:DescribeClusters",
        "ecs:DescribeServices",
        "ecs:DescribeTaskDefinition",
        "ecs:DescribeTasks",
        "route53:ListHostedZonesByVPC",
        "secretsmanager:GetSecretValue",
        "sts:GetCallerIdentity",
    ),
    "exec_task_role_lacks_ssmmessages": (
        "dynamodb:PutItem",
        "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:ListRolePolicies",
        "iam:SimulatePrincipalPolicy",
    ),
    "elb_cannot_reach_instance": (
        "ec2:DescribeInstances",
        "ecs:DescribeContainerInstances",
        "elbv2:DescribeLoadBalancers",
        "elbv2:DescribeTargetGroups",
        "elbv2:DescribeTargetHealth",
        "logs:GetLogEvents",
    ),
    "image_tag_missing": (
        "ecr:BatchGetImage",
        "ecr:DescribeImages",
        "ecr:DescribePullThroughCacheRules",
    ),
    "secret_key_denied": (
        "kms:DescribeKey",
        "kms:GetKeyPolicy",
        "secretsmanager:DescribeSecret",
    ),
    "instance_never_registered": (
        "autoscaling:DescribeAutoScalingGroups",
        "ecs:DescribeCapacityProviders",
        "ecs:ListContainerInstances",
    ),
    "environment_file_missing": (
        "s3:GetBucketPolicy",
        "s3:ListObjectsV2",
    ),
    "instance_role_cannot_pull": (
        "ecr:GetRepositoryPolicy",
        "iam:GetInstanceProfile",
    ),
    "efs_access_point_missing": (
        "efs:DescribeAccessPoints",
        "efs:DescribeFileSystemPolicy",
    ),
    "service_deployment_failed": (
        "ecs:ListTasks",
        "logs:DescribeLogGroups",
    ),
    "parameter_missing": ("ssm:DescribeParameters",),
    "efs_security_group_closed": ("efs:DescribeMountTargets",),
    "push_denied": ("ecr:DescribeRepositories",),
    "pass_role_denied": ("iam:GetRole",),
}
"""By scenario of the gallery: the calls that its event brings about, each named once."""
SCENARIO_OF: Mapping[str, str] = {call: scenario for scenario, calls in CALLS_OF.items() for call in calls}
BESIDE_THE_GALLERY: Mapping[str, Mapping[str, Any]] = {
    "ec2:DescribeInstanceTypes": {"InstanceTypes": ["t3.medium"]},
    "ec2:GetManagedPrefixListEntries": {"PrefixListId": "pl-0123456789abcdef0"},
    "ecr:BatchCheckLayerAvailability": {"repositoryName": "shop", "layerDigests": ["sha256:" + "0" * 64]},
    "ecs:GetTaskProtection": {"cluster": "shop"},
    "ecs:ListClusters": {},
    "ecs:ListServices": {"cluster": "shop"},
    "iam:GetPolicy": {"PolicyArn": "arn:aws:iam::123456789012:policy/shop"},
    "iam:GetPolicyVersion": {"PolicyArn": "arn:aws:iam::123456789012:policy/shop", "VersionId": "v1"},
    "s3:GetBucketEncryption": {"Bucket": "shop-audit"},
    "s3:GetBucketLocation": {"Bucket": "shop-audit"},
    "secretsmanager:GetResourcePolicy": {"SecretId": "shop"},
}
"""The rest of what is read, for what no scenario shows: an account's lists, quotas, and policies kept elsewhere."""


@dataclass(frozen=True)
class Cell:
    """One call and what it meets, in one scenario."""

    call: str
    kind: str
    scenario: str

    def __str__(self) -> str:
        return f"{self.call}-{self.kind}"

    @property
    def fault(self) -> dict[str, Any]:
        """As the account is told."""
        service, operation = self.call.split(":")
        return {"service": service, "operation": operation, **KINDS[self.kind]}


def cells(calls: Mapping[str, str]) -> Iterator[Cell]:
    """Every cell that there can be: a call without a list cannot answer with an empty one, nor with pages."""
    for call, scenario in calls.items():
        service, operation = call.split(":")
        for kind in KINDS:
            if kind == "empty" and not lists_of(service, operation):
                continue
            if kind == "pages" and paging_of(service, operation) is None:
                continue
            yield Cell(call, kind, scenario)
