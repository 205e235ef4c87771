"""The least that a function of the same calls can be: it imports boto3, makes the clients, and calls, wave by wave.

What it calls is in the file that CALLS names: `clients` as service and Region, and `waves` of calls, which are either a
client's number with operation and params, or the address and body of a message to Slack.
"""

import base64
import json
import os
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import boto3
import urllib3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

_CONFIG = Config(connect_timeout=2, read_timeout=5, retries={"total_max_attempts": 1}, max_pool_connections=16)


def _bytes(value: dict[str, Any]) -> Any:
    return base64.b64decode(value["base64"]) if value.keys() == {"base64"} else value


_plan = json.loads(Path(os.environ["CALLS"]).read_text(), object_hook=_bytes)
_clients = [boto3.client(service, region_name=region, config=_CONFIG) for service, region in _plan["clients"]]
_http = urllib3.PoolManager()


def _call(call: dict[str, Any]) -> None:
    if "url" in call:
        _http.request("POST", call["url"], json=call["body"])
        return
    # An error is an answer, too: the function got the same.
    with suppress(ClientError):
        getattr(_clients[call["client"]], xform_name(call["operation"]))(**call["params"])


def handler(_event: object, _context: object) -> dict[str, object]:
    """Make all of the calls, and say so."""
    for wave in _plan["waves"]:
        if len(wave) == 1:
            _call(wave[0])
            continue
        with ThreadPoolExecutor(len(wave)) as pool:
            list(pool.map(_call, wave))
    return {"status": "called"}
