"""What a refused AWS call said."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from botocore.exceptions import ClientError


class Refusal(NamedTuple):
    code: str
    status: int
    message: str


def refusal(call: Callable[..., Any], *positional: Any, **arguments: Any) -> Refusal:
    with pytest.raises(ClientError) as caught:
        call(*positional, **arguments)
    response = caught.value.response
    return Refusal(
        response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Message"]
    )
