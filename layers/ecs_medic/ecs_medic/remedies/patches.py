"""The same change for whoever keeps the resource as code: CloudFormation's YAML and Terraform's HCL."""

import json
import re
from collections.abc import Callable, Mapping, Sequence

from ecs_medic.plan import Action, Patch
from ecs_medic.remedies.params import Params, flag, number, optional_text, text, texts
from ecs_medic.remedies.security_group_rules import sides

type _Properties = Mapping[str, object]


def patch_for(action: Action, params: Params) -> Patch | None:
    """The patch, None for what is no matter of code: a deployment, a stopped task."""
    maker = _MAKERS.get(action)
    return maker(params) if maker else None


def _create_vpc_endpoint(params: Params) -> Patch:
    service, vpc = text(params, "service_name"), text(params, "vpc_id")
    name = _logical(service.rsplit("com.amazonaws.", 1)[-1].split(".", 1)[-1])
    kind = text(params, "endpoint_type")
    title = f"{kind} endpoint for {service}"
    properties = {"VpcId": vpc, "ServiceName": service, "VpcEndpointType": kind}
    arguments = {"vpc_id": vpc, "service_name": service, "vpc_endpoint_type": kind}
    if kind == "Gateway":
        tables = list(texts(params, "route_table_ids"))
        return Patch(
            title,
            _yaml(f"{name}Endpoint", "AWS::EC2::VPCEndpoint", properties | {"RouteTableIds": tables}),
            _hcl("aws_vpc_endpoint", name, arguments | {"route_table_ids": tables}),
        )
    group, subnets = f"{name}EndpointClients", list(texts(params, "subnet_ids"))
    admitted = [
        {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": cidr} for cidr in texts(params, "cidrs")
    ]
    described = f"HTTPS from the VPC to its endpoint for {service}"
    cloudformation = _yaml(
        group,
        "AWS::EC2::SecurityGroup",
        {"VpcId": vpc, "GroupDescription": described, "SecurityGroupIngress": admitted},
    ) + _yaml(
        f"{name}Endpoint",
        "AWS::EC2::VPCEndpoint",
        properties | {"SubnetIds": subnets, "PrivateDnsEnabled": True, "SecurityGroupIds": [_Raw(f"!Ref {group}")]},
    )
    block = _Block(
        "ingress", {"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": list(texts(params, "cidrs"))}
    )
    terraform = _hcl(
        "aws_security_group", f"{name}EndpointClients", {"vpc_id": vpc, "description": described, "": block}
    ) + _hcl(
        "aws_vpc_endpoint",
        name,
        arguments
        | {
            "subnet_ids": subnets,
            "private_dns_enabled": True,
            "security_group_ids": [_Raw(f"aws_security_group.{_snake(group)}.id")],
        },
    )
    return Patch(title, cloudformation, terraform)


def _modify_vpc_endpoint(params: Params) -> Patch:
    endpoint = text(params, "vpc_endpoint_id")
    properties: dict[str, object] = {}
    arguments: dict[str, object] = {}
    if tables := texts(params, "route_table_ids"):
        properties["RouteTableIds"] = [_Raw("# those that are there, and"), *tables]
        arguments["route_table_ids"] = [_Raw("# those that are there, and\n"), *tables]
    if subnets := texts(params, "subnet_ids"):
        properties["SubnetIds"] = [_Raw("# those that are there, and"), *subnets]
        arguments["subnet_ids"] = [_Raw("# those that are there, and\n"), *subnets]
    if flag(params, "private_dns_enabled"):
        properties["PrivateDnsEnabled"] = True
        arguments["private_dns_enabled"] = True
    return Patch(
        f"In the definition of {endpoint}",
        _yaml("ThatEndpoint", "AWS::EC2::VPCEndpoint", properties),
        _hcl("aws_vpc_endpoint", "that_endpoint", arguments),
    )


def _rule(direction: str) -> Callable[[Params], Patch]:
    def make(params: Params) -> Patch:
        group, port = text(params, "security_group_id"), number(params, "port", 443)
        cloudformation, terraform = "", ""
        for position, side in enumerate(sides(params), start=1):
            name = f"Https{direction}{position}"
            far = "Source" if direction == "Ingress" else "Destination"
            key = {"sg-": f"{far}SecurityGroupId", "pl-": f"{far}PrefixListId"}.get(side[:3], "CidrIp")
            cloudformation += _yaml(
                name,
                f"AWS::EC2::SecurityGroup{direction}",
                {"GroupId": group, "IpProtocol": "tcp", "FromPort": port, "ToPort": port, key: side},
            )
            argument = {"sg-": "referenced_security_group_id", "pl-": "prefix_list_id"}.get(side[:3], "cidr_ipv4")
            terraform += _hcl(
                f"aws_vpc_security_group_{direction.lower()}_rule",
                name,
                {"security_group_id": group, "ip_protocol": "tcp", "from_port": port, "to_port": port, argument: side},
            )
        return Patch(f"A rule for {group}", cloudformation, terraform)

    return make


def _modify_vpc_dns(params: Params) -> Patch:
    names = texts(params, "attributes")
    properties: dict[str, object] = {name[0].upper() + name[1:]: True for name in names}
    arguments: dict[str, object] = {_snake(name): True for name in names}
    return Patch(
        f"In the definition of {text(params, 'vpc_id')}",
        _yaml("ThatVpc", "AWS::EC2::VPC", properties),
        _hcl("aws_vpc", "that_vpc", arguments),
    )


def _create_log_group(params: Params) -> Patch:
    name, days = text(params, "log_group"), number(params, "retention_days", 30)
    logical = _logical(name) + "LogGroup"
    return Patch(
        f"The log group {name}, in {text(params, 'log_region')}",
        _yaml(logical, "AWS::Logs::LogGroup", {"LogGroupName": name, "RetentionInDays": days}),
        _hcl("aws_cloudwatch_log_group", logical, {"name": name, "retention_in_days": days}),
    )


def _enable_execute_command(params: Params) -> Patch:
    return Patch(
        f"In the definition of the service {text(params, 'service')}",
        _yaml("ThatService", "AWS::ECS::Service", {"EnableExecuteCommand": True}),
        _hcl("aws_ecs_service", "that_service", {"enable_execute_command": True}),
    )


def _enable_public_ip(params: Params) -> Patch:
    assign = {"AwsvpcConfiguration": {"AssignPublicIp": "ENABLED"}}
    block = _Block("network_configuration", {"assign_public_ip": True})
    return Patch(
        f"In the definition of the service {text(params, 'service')}",
        _yaml("ThatService", "AWS::ECS::Service", {"NetworkConfiguration": assign}),
        _hcl("aws_ecs_service", "that_service", {"": block}),
    )


def _attach_exec_policy(params: Params) -> Patch:
    role, policy = text(params, "role_arn").rsplit("/", 1)[-1], optional_text(params, "policy_arn") or ""
    return Patch(
        f"In the definition of the role {role}",
        _yaml("ThatRole", "AWS::IAM::Role", {"ManagedPolicyArns": [_Raw("# those that are there, and"), policy]}),
        _hcl("aws_iam_role_policy_attachment", "ecs_exec", {"role": role, "policy_arn": policy}),
    )


_MAKERS: Mapping[Action, Callable[[Params], Patch]] = {
    Action.CREATE_VPC_ENDPOINT: _create_vpc_endpoint,
    Action.MODIFY_VPC_ENDPOINT: _modify_vpc_endpoint,
    Action.AUTHORIZE_ENDPOINT_INGRESS: _rule("Ingress"),
    Action.AUTHORIZE_TASK_EGRESS: _rule("Egress"),
    Action.MODIFY_VPC_DNS: _modify_vpc_dns,
    Action.CREATE_LOG_GROUP: _create_log_group,
    Action.ENABLE_EXECUTE_COMMAND: _enable_execute_command,
    Action.ENABLE_PUBLIC_IP: _enable_public_ip,
    Action.ATTACH_EXEC_POLICY: _attach_exec_policy,
}


class _Raw(str):
    """Text that goes into the document as it is: a reference, a comment."""

    __slots__ = ()


class _Block(dict[str, object]):
    """A nested block of Terraform."""

    def __init__(self, name: str, arguments: _Properties) -> None:
        super().__init__(arguments)
        self.name = name


def _yaml(name: str, kind: str, properties: _Properties) -> str:
    lines = [f"  {name}:", f"    Type: {kind}", "    Properties:", *_yaml_lines(properties, 6)]
    return "\n".join(lines) + "\n"


def _yaml_lines(value: _Properties, indent: int) -> list[str]:
    lines = []
    for key, item in value.items():
        if isinstance(item, Mapping):
            lines += [f"{' ' * indent}{key}:", *_yaml_lines(item, indent + 2)]
        elif isinstance(item, Sequence) and not isinstance(item, str):
            lines += [f"{' ' * indent}{key}:", *_yaml_items(item, indent + 2)]
        else:
            lines.append(f"{' ' * indent}{key}: {_scalar(item)}")
    return lines


def _yaml_items(items: Sequence[object], indent: int) -> list[str]:
    lines = []
    for item in items:
        if isinstance(item, Mapping):
            first, *rest = _yaml_lines(item, indent + 2)
            lines += [f"{' ' * indent}- {first.strip()}", *rest]
        elif isinstance(item, _Raw) and item.startswith("#"):
            lines.append(f"{' ' * indent}{item}")
        else:
            lines.append(f"{' ' * indent}- {_scalar(item)}")
    return lines


def _hcl(kind: str, name: str, arguments: _Properties) -> str:
    return "\n".join([f'resource "{kind}" "{_snake(name)}" {{', *_hcl_lines(arguments, 2), "}"]) + "\n"


def _hcl_lines(arguments: _Properties, indent: int) -> list[str]:
    lines = []
    for key, value in arguments.items():
        if isinstance(value, _Block):
            lines += [f"{' ' * indent}{value.name} {{", *_hcl_lines(value, indent + 2), f"{' ' * indent}}}"]
        elif isinstance(value, Sequence) and not isinstance(value, str):
            comments = [
                f"{' ' * indent}{one.strip()}" for one in value if isinstance(one, _Raw) and one.startswith("#")
            ]
            items = ", ".join(_scalar(one) for one in value if not (isinstance(one, _Raw) and one.startswith("#")))
            lines += [*comments, f"{' ' * indent}{key} = [{items}]"]
        else:
            lines.append(f"{' ' * indent}{key} = {_scalar(value)}")
    return lines


def _scalar(value: object) -> str:
    # JSON's quoting is both YAML's and, but for `${`, HCL's.
    return str(value) if isinstance(value, _Raw) else json.dumps(value).replace("${", "$${")


def _logical(name: str) -> str:
    """A name that CloudFormation takes: letters and digits alone."""
    return "".join(word.capitalize() for word in re.split(r"[^A-Za-z0-9]+", name) if word)


def _snake(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()).strip("_")
