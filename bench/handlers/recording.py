"""The function's own handler, with every call of AWS that it makes written down, in the file that RECORD_TO names.

A call is service, region, operation, params, started and ended (seconds on this machine's monotonic clock).
"""

import base64
import json
import os
import time
from pathlib import Path
from typing import Any

import botocore.client

import diagnose

_calls: list[dict[str, Any]] = []
_client: Any = botocore.client.BaseClient
_made = _client._make_api_call  # noqa: SLF001 - what each method of each client calls


def _noted(client: Any, operation: str, params: dict[str, Any]) -> Any:
    call = {"service": client.meta.service_model.service_name, "region": client.meta.region_name}
    call |= {"operation": operation, "params": params, "started": time.monotonic()}
    try:
        return _made(client, operation, params)
    finally:
        _calls.append(call | {"ended": time.monotonic()})


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return value.isoformat()


def handler(event: object, context: Any) -> dict[str, object]:
    """Answer as the function does."""
    _client._make_api_call = _noted  # noqa: SLF001
    answer = diagnose.handler(event, context)
    Path(os.environ["RECORD_TO"]).write_text(json.dumps(_calls, default=_plain))
    return answer
