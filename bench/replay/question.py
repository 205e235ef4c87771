"""What a request asks, whenever and by whomever it is asked."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

SLACK = "/slack/"
"""Where Slack's stand-in is, on the same port as AWS."""

_CREDENTIAL = re.compile(r"Credential=[^/]+/\d{8}/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request")
_EVERY_TIME_ANOTHER = frozenset(
    {
        # Idempotency tokens, as the services spell them.
        "ClientRequestToken",
        "ClientToken",
        "CallerReference",
        "clientRequestToken",
        "clientToken",
        "idempotencyToken",
        # The time of asking, in the spans that CloudTrail and the logs are asked for.
        "EndTime",
        "StartTime",
        "endTime",
        "startTime",
    }
)


@dataclass(frozen=True, slots=True)
class Question:
    """`digest` tells apart what is asked; `in_order` names the row of answers that stand in for one never recorded.

    `in_order` is None for a read of AWS: there only the same question has the same answer.
    """

    service: str
    operation: str
    digest: str
    in_order: str | None = None


def question_of(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Question:
    """The question that an HTTP request puts; `headers` by lower-case name.

    Left aside are signatures, dates, invocation ids, idempotency tokens, and the time span of a search.
    """
    parts = urlsplit(target)
    query = parse_qsl(parts.query, keep_blank_values=True)
    if parts.path.startswith(SLACK):
        operation = parts.path.rsplit("/", 1)[-1]
        return Question("slack", operation, _digest(parts.path, query, body.decode(errors="replace")), operation)
    scope = _CREDENTIAL.search(headers.get("authorization", ""))
    service, region = (scope["service"], scope["region"]) if scope else ("unsigned", "")
    asked = _asked(headers.get("content-type", ""), headers.get("x-amz-target"), body)
    operation = _operation(headers.get("x-amz-target"), asked, query) or f"{method} {parts.path}"
    digest = _digest(method, parts.path, _lasting(query), service, region, operation, asked)
    in_order = f"{operation} {' '.join(sorted(_tables(asked)))}" if service == "dynamodb" else None
    return Question(service, operation, digest, in_order)


def _asked(content_type: str, json_target: str | None, body: bytes) -> Any:
    """The body as far as it lasts: parsed where it is JSON or a form, else as it is."""
    text = body.decode(errors="replace")
    if "x-www-form-urlencoded" in content_type:
        return _lasting(parse_qsl(text, keep_blank_values=True))
    if json_target is not None or "json" in content_type:
        try:
            parsed = json.loads(text or "{}")
        except ValueError:
            return text
        if isinstance(parsed, dict):
            return {name: value for name, value in parsed.items() if name not in _EVERY_TIME_ANOTHER}
    return text


def _lasting(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted((name, value) for name, value in pairs if name not in _EVERY_TIME_ANOTHER)


def _operation(json_target: str | None, asked: Any, query: Iterable[tuple[str, str]]) -> str | None:
    if json_target is not None:
        return json_target.rsplit(".", 1)[-1]
    return dict(asked if isinstance(asked, list) else query).get("Action")


def _tables(asked: Any) -> set[str]:
    """The DynamoDB tables that are named anywhere in the request."""
    if isinstance(asked, dict):
        own = {asked["TableName"]} if isinstance(asked.get("TableName"), str) else set()
        return own.union(*(_tables(value) for value in asked.values()))
    return set[str]().union(*(_tables(value) for value in asked)) if isinstance(asked, list) else set()


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
