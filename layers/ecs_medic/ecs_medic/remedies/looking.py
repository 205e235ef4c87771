"""Looking at the account between planning and changing it: always fresh, and an error is never an absence."""

from collections.abc import Mapping
from typing import Any

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Reader
from ecs_medic.facts.fact import Absent, Known, Unknown
from ecs_medic.facts.reading import Json, mappings


def listed(
    reader: Reader, service: str, operation: str, params: Mapping[str, Any], items: str, *, region: str | None = None
) -> tuple[Json, ...] | Unknown:
    """Everything that AWS lists, all pages; nothing where what was asked for by its id does not exist.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    answer = reader.together({items: Call(service, operation, params, region, items)})[items]
    if isinstance(answer, Absent):
        return ()
    if isinstance(answer, Unknown):
        return answer
    return mappings(answer.value, items)


def only(reader: Reader, service: str, operation: str, params: Mapping[str, Any], items: str) -> Json | Unknown | None:
    """The one thing that was asked for by its id, None where it does not exist.

    Not for a list with pages.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    answer = reader.read(service, operation, params)
    if isinstance(answer, Absent):
        return None
    if isinstance(answer, Unknown):
        return answer
    found = mappings(answer.value, items)
    if not found and not answer.value.get("failures") and items not in answer.value:
        return Unknown(answer.source, f"the answer holds no {items}")
    return found[0] if found else None


def one_attribute(reader: Reader, vpc_id: str, attribute: str) -> bool | Unknown:
    """One attribute of the VPC: `enableDnsSupport` or `enableDnsHostnames`.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused.
    """
    answer = reader.read("ec2", "DescribeVpcAttribute", {"VpcId": vpc_id, "Attribute": attribute})
    if not isinstance(answer, Known):
        reason = answer.reason if isinstance(answer, Unknown) else f"no {vpc_id}"
        return Unknown(answer.source, reason, answer.missing_permission if isinstance(answer, Unknown) else None)
    found = answer.value.get(attribute[0].upper() + attribute[1:])
    value = found.get("Value") if isinstance(found, Mapping) else None
    return value if isinstance(value, bool) else Unknown(answer.source, f"the answer does not say {attribute}")
