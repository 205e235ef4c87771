"""What is given to whoever keeps a resource as code can be read by the tools that read code."""

import json

import pytest
from cfnlint.api import lint_all  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.plan import Action
from ecs_medic.remedies.patches import patch_for

INTERFACE = {
    "vpc_id": "vpc-0a1b2c3d4e5f60718",
    "service_name": "com.amazonaws.eu-west-1.ecr.dkr",
    "endpoint_type": "Interface",
    "subnet_ids": ["subnet-0a1b2c3d4e5f60718"],
    "cidrs": ["10.0.0.0/16", "10.1.0.0/16"],
}
GATEWAY = {
    "vpc_id": "vpc-0a1b2c3d4e5f60718",
    "service_name": "com.amazonaws.eu-west-1.s3",
    "endpoint_type": "Gateway",
    "route_table_ids": ["rtb-0a1b2c3d4e5f60718"],
}
WHOLE = [
    (Action.CREATE_VPC_ENDPOINT, INTERFACE),
    (Action.CREATE_VPC_ENDPOINT, GATEWAY),
    (
        Action.AUTHORIZE_ENDPOINT_INGRESS,
        {"security_group_id": "sg-0a1b2c3d4e5f60718", "source_security_group_ids": ["sg-0f1b2c3d4e5f60718"]},
    ),
    (
        Action.AUTHORIZE_TASK_EGRESS,
        {"security_group_id": "sg-0a1b2c3d4e5f60718", "cidrs": ["10.0.0.0/16"], "prefix_list_ids": ["pl-6da54004"]},
    ),
    (Action.CREATE_LOG_GROUP, {"log_group": "/shop/orders", "log_region": "eu-west-1", "retention_days": 30}),
]
PARTS = [
    (Action.MODIFY_VPC_ENDPOINT, {"vpc_endpoint_id": "vpce-1", "route_table_ids": ["rtb-1"]}),
    (Action.MODIFY_VPC_ENDPOINT, {"vpc_endpoint_id": "vpce-1", "private_dns_enabled": True}),
    (Action.MODIFY_VPC_DNS, {"vpc_id": "vpc-1", "attributes": ["enableDnsHostnames", "enableDnsSupport"]}),
    (Action.ENABLE_EXECUTE_COMMAND, {"cluster": "shop", "service": "orders"}),
    (Action.ENABLE_PUBLIC_IP, {"cluster": "shop", "service": "orders"}),
    (Action.ATTACH_EXEC_POLICY, {"role_arn": "arn:aws:iam::123456789012:role/orders-task", "policy_arn": "arn:x"}),
]


@pytest.mark.parametrize(("action", "params"), WHOLE)
def test_whole_resources_pass_cloudformations_linter(action: Action, params):
    patch = patch_for(action, params)
    found = lint_all("Resources:\n" + patch.cloudformation)
    # What it only remarks upon (I…) is about the rest of a template.
    assert [str(one) for one in found if not one.rule.id.startswith("I")] == []


@pytest.mark.parametrize(("action", "params"), [*WHOLE, *PARTS])
def test_terraform_blocks_are_closed_and_named(action: Action, params):
    patch = patch_for(action, params)
    assert patch.terraform.count("{") == patch.terraform.count("}") > 0
    assert patch.terraform.startswith('resource "aws_')
    for value in params.values():
        if isinstance(value, list):
            said = patch.terraform.replace("_", "").lower()
            assert all(one.replace("_", "").lower() in said for one in value)
    assert patch.title


@pytest.mark.parametrize("action", [Action.FORCE_NEW_DEPLOYMENT, Action.REPLACE_TASK, Action.RECHECK_LATER])
def test_what_is_no_matter_of_code_has_no_patch(action: Action):
    assert patch_for(action, {"cluster": "shop", "service": "orders"}) is None


@given(name=st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_no_name_breaks_out_of_its_quotes(name: str):
    patch = patch_for(Action.CREATE_LOG_GROUP, {"log_group": name, "log_region": "eu-west-1"})
    line = next(one for one in patch.terraform.splitlines() if one.strip().startswith("name ="))
    assert json.loads(line.split("=", 1)[1].replace("$${", "${")) == name
