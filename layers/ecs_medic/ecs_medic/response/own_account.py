"""Whose account the functions' credentials are of, as Lambda itself says."""

import re
from collections.abc import Mapping

_OF_A_FUNCTION = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:(\d{12}):function:\S+", re.ASCII)


def own_account(context: object, environment: Mapping[str, str]) -> str | None:
    """The account of the function that runs, which is that of its role; None where the context does not tell.

    `sam local invoke` makes an account up, and hands on whatever credentials there are.
    """
    arn = getattr(context, "invoked_function_arn", None)
    if not isinstance(arn, str) or "AWS_SAM_LOCAL" in environment:
        return None
    found = _OF_A_FUNCTION.fullmatch(arn)
    return found[1] if found else None
