"""What others may depend on too: resources that several services fail by, told from a service's own affairs."""

import re
from collections.abc import Mapping

_OTHER_THAN_ECS = re.compile(r"arn:aws[a-z-]*:(?!ecs:)[a-z0-9-]+:")
_RESOURCE_ID = re.compile(r"(vpc|subnet|sg|rtb|acl|vpce|nat|igw|eni|eigw|pl|fs|fsap|i|vol|dopt)-[0-9a-f]{6,}")


def is_shared(subject: str) -> bool:
    """ARNs of other services than ECS, ids of networks and file systems, paths of log groups, image references."""
    if subject.startswith("arn:"):
        return bool(_OTHER_THAN_ECS.match(subject))
    return bool(_RESOURCE_ID.fullmatch(subject)) or "/" in subject


def first_service(params: Mapping[str, object]) -> str:
    """Of missing endpoints, the first: a task that lacks three and one that lacks two of them fail by the same one."""
    services = params.get("services")
    return min(map(str, services)) if isinstance(services, list | tuple) and services else ""
