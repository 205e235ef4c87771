"""What a deployed stack says of itself: the outputs of its CloudFormation stack."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from ecs_medic.cli.failure import UnusableInputError

if TYPE_CHECKING:
    from ecs_medic.aws.reader import Reader

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}|arn:aws[a-z-]*:cloudformation:\S{1,900}")
_NO_SUCH_STACK = "does not exist"

StackOption = Annotated[
    str | None, typer.Option("--stack", metavar="NAME", help="The CloudFormation stack, such as ecs-medic.")
]


def outputs_of(reader: "Reader", name: str) -> Mapping[str, str]:
    """The stack's outputs.

    Raises:
        UnusableInputError: there is no such stack, or it is no name of one.
        AwsUnavailable: it cannot be read, or AWS cannot be asked at all.
    """
    from ecs_medic.aws.errors import AwsUnavailable
    from ecs_medic.facts.fact import Absent, Known
    from ecs_medic.facts.missing_permission import with_missing_permission

    if not _NAME.fullmatch(name):
        raise UnusableInputError(f"--stack: expected the name of a CloudFormation stack, got {name[:60]!r}")
    answer = reader.read("cloudformation", "DescribeStacks", {"StackName": name})
    if not isinstance(answer, Known):
        if isinstance(answer, Absent) or _NO_SUCH_STACK in answer.reason:
            raise UnusableInputError(f"--stack: there is no stack {name} in {reader.region}")
        why = with_missing_permission(f"{answer.source}: {answer.reason}", answer.missing_permission)
        raise AwsUnavailable(f"{why}; or name --queue and --function")
    outputs = answer.value["Stacks"][0].get("Outputs", ())
    return {one["OutputKey"]: one["OutputValue"] for one in outputs}
