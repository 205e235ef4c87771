"""Answers that are right and hard to read: a list without its items, and a list of thousands over several pages.

Both are made from the true answer, in the form of the call's protocol. Source of which members are lists, and of how
each operation pages: botocore's own service models.
"""

import copy
import functools
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.etree import ElementTree as ET

import botocore.session

from sandbox.wire import AwsCall, HttpAnswer

PAGES = 6
"""Pages of others; the true items come with the one after."""
ITEMS_A_PAGE = 400
_TOKEN = "sandbox-page-"
_ID = re.compile(r"(?<![0-9a-z])((?!vpc-|pl-)[a-z]+-|[a-z0-9-]+/)?(?<![0-9a-f])([0-9a-f]{8,32})(?![0-9a-f])")
_NAMED = re.compile(r"(name|names|arn|arns)$", re.IGNORECASE)
_SORTED = frozenset({("logs", "DescribeLogGroups"), ("logs", "DescribeLogStreams"), ("cloudtrail", "LookupEvents")})
"""AWS gives these in an order by which what was asked for comes first: the others follow it."""
_OTHERS: Mapping[str, str] = {
    "servicename": "com.amazonaws.vpce.eu-west-1.vpce-svc-{hash}",
    "evalactionname": "other:Action{hash}",
    "main": "false",
    "default": "false",
    "privatednsenabled": "false",
}
"""What makes an item another one, where its ids alone do not: by the member's name in small letters."""
_IDS = re.compile(r"(Id|Name|Arn)s?(\.member)?\.\d+$")


@dataclass(frozen=True, slots=True)
class Paging:
    """How an operation pages: the names on the wire of its token in and out, of its list, and of `more`."""

    token_in: str
    token_out: str
    items: str
    more: str | None
    in_query_string: bool


@functools.cache
def _session() -> botocore.session.Session:
    return botocore.session.get_session()


@functools.cache
def lists_of(service: str, operation: str) -> tuple[str, ...]:
    """The lists of an operation's answer, as they are called on the wire."""
    try:
        shape = _session().get_service_model(service).operation_model(operation).output_shape
    except Exception:  # noqa: BLE001 - botocore raises its own errors for what it does not know
        return ()
    members = shape.members if shape is not None else {}
    return tuple(one.serialization.get("name", name) for name, one in members.items() if one.type_name == "list")


@functools.cache
def paging_of(service: str, operation: str) -> Paging | None:
    """How the operation pages by a plain token; None where it does not."""
    try:
        how = _session().get_paginator_model(service).get_paginator(operation)
        model = _session().get_service_model(service).operation_model(operation)
    except Exception:  # noqa: BLE001 - botocore raises its own errors for what it does not know
        return None
    names = how["result_key"] if isinstance(how["result_key"], list) else [how["result_key"]]
    if model.input_shape is None or model.output_shape is None:
        return None
    inputs, outputs = model.input_shape.members, model.output_shape.members
    if any(not isinstance(how[one], str) for one in ("input_token", "output_token")) or names[0] not in outputs:
        return None
    if how["input_token"] not in inputs or how["output_token"] not in outputs or outputs[names[0]].type_name != "list":
        return None
    if inputs[how["input_token"]].type_name != "string":
        return None
    # A query's parameters go by their member's own name, in EC2's protocol with a capital.
    token_in = inputs[how["input_token"]].serialization.get("name", how["input_token"])
    return Paging(
        token_in=token_in,
        token_out=outputs[how["output_token"]].serialization.get("name", how["output_token"]),
        items=str(outputs[names[0]].serialization.get("name", names[0])),
        more=how.get("more_results"),
        in_query_string=inputs[how["input_token"]].serialization.get("location") == "querystring",
    )


def names_its_items(call: AwsCall) -> bool:
    """Whether the request says by id which items it wants: such a list has no pages."""
    return any(_IDS.search(name) and not name.startswith("Filter") for name in call.parameters) or any(
        name.endswith("Ids") and isinstance(value, list) for name, value in call.parameters.items()
    )


def emptied(call: AwsCall, answer: HttpAnswer) -> HttpAnswer:
    """The same answer, with nothing in any of its lists."""
    if answer.status >= 300:
        return answer
    body = _Body.of(call, answer)
    for name in lists_of(call.service, call.operation):
        body.set_items(name, [])
    return _with_body(answer, body.written())


def page_asked_for(environ: Mapping[str, Any], body: bytes) -> int:
    """The number of the page that the request wants, from 0."""
    found = re.search(rf"{_TOKEN}(\d+)", f"{environ.get('QUERY_STRING', '')} {body.decode('utf-8', 'replace')}")
    return int(found[1]) if found else 0


def without_token(call: AwsCall, environ: Mapping[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    """The request as it is for the first page."""
    paging = paging_of(call.service, call.operation)
    changed = dict(environ)
    if paging is None:
        return changed, body
    if paging.in_query_string:
        rest = parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        changed["QUERY_STRING"] = urlencode([one for one in rest if one[0] != paging.token_in])
    elif call.protocol in {"query", "ec2"}:
        form = parse_qsl(body.decode(), keep_blank_values=True)
        body = urlencode([one for one in form if one[0].lower() != paging.token_in.lower()]).encode()
    else:
        asked = json.loads(body or b"{}")
        asked.pop(paging.token_in, None)
        body = json.dumps(asked).encode()
    changed["CONTENT_LENGTH"] = str(len(body))
    return changed, body


def paged(call: AwsCall, answer: HttpAnswer, page: int) -> HttpAnswer:
    """One page of a list of thousands, made from the answer to the first: others like its items, then its items."""
    paging = paging_of(call.service, call.operation)
    if paging is None or answer.status >= 300 or names_its_items(call):
        return answer
    body = _Body.of(call, answer)
    own = body.items(paging.items)
    own_page = 0 if (call.service, call.operation) in _SORTED else PAGES
    if page != own_page:
        others = [body.other(own[n % len(own)], f"{page}-{n}") for n in range(ITEMS_A_PAGE)] if own else []
        body.set_items(paging.items, others)
    if page < PAGES:
        body.set_text(paging.token_out, f"{_TOKEN}{page + 1}")
    if paging.more:
        body.set_text(paging.more, "true" if page < PAGES else "false")
    return _with_body(answer, body.written())


class _Body:
    """An answer's body, as far as lists and tokens are concerned."""

    @staticmethod
    def of(call: AwsCall, answer: HttpAnswer) -> "_Body":
        """The body in the form of the call's protocol."""
        if call.protocol in {"json", "rest-json"}:
            return _Json(json.loads(answer.body or b"{}"))
        return _Xml(ET.fromstring(answer.body))  # noqa: S314 - our own answer

    def items(self, name: str) -> list[Any]:
        """The items of a list."""
        raise NotImplementedError

    def set_items(self, name: str, items: list[Any]) -> None:
        """Puts others there, where the list is there at all."""
        raise NotImplementedError

    def set_text(self, name: str, text: str) -> None:
        """Sets a token, or a flag."""
        raise NotImplementedError

    def other(self, item: Any, salt: str) -> Any:
        """An item like this one, and not this one."""
        raise NotImplementedError

    def written(self) -> bytes:
        """The body as it goes over the wire."""
        raise NotImplementedError


class _Json(_Body):
    def __init__(self, whole: dict[str, Any]) -> None:
        self._whole = whole

    def items(self, name: str) -> list[Any]:
        return list(self._whole.get(name) or ())

    def set_items(self, name: str, items: list[Any]) -> None:
        self._whole[name] = items

    def set_text(self, name: str, text: str) -> None:
        self._whole[name] = {"true": True, "false": False}.get(text, text)

    def other(self, item: Any, salt: str, name: str = "arn") -> Any:
        if isinstance(item, dict):
            return {key: self.other(value, salt, key) for key, value in item.items()}
        if isinstance(item, list):
            return [self.other(one, salt, name) for one in item]
        return _changed(name, item, salt) if isinstance(item, str) else item

    def written(self) -> bytes:
        return json.dumps(self._whole).encode()


class _Xml(_Body):
    def __init__(self, root: ET.Element) -> None:
        self._root = root
        # The query protocol wraps the answer once more.
        inner = [one for one in root if _tag(one).endswith("Result")]
        self._whole = inner[0] if inner else root

    def _lists(self, name: str) -> list[ET.Element]:
        return [one for one in self._whole if _tag(one) == name]

    def items(self, name: str) -> list[Any]:
        return [item for one in self._lists(name) for item in one]

    def set_items(self, name: str, items: list[Any]) -> None:
        for one in self._lists(name):
            for item in list(one):
                one.remove(item)
            one.extend(items)

    def set_text(self, name: str, text: str) -> None:
        for one in self._lists(name):
            self._whole.remove(one)
        space = self._whole.tag.rpartition("}")[0]
        ET.SubElement(self._whole, f"{space}}}{name}" if space else name).text = text

    def other(self, item: Any, salt: str) -> Any:
        changed = copy.deepcopy(item)
        for one in changed.iter():
            if one.text and one.text.strip():
                tag = _tag(one)
                one.text = _changed("arn" if tag in {"member", "item"} else tag, one.text, salt)
        return changed

    def written(self) -> bytes:
        return bytes(ET.tostring(self._root, encoding="utf-8", xml_declaration=True))


def _with_body(answer: HttpAnswer, body: bytes) -> HttpAnswer:
    headers = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
    return replace(answer, headers=(*headers, ("Content-Length", str(len(body)))), body=body)


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _changed(name: str, value: str, salt: str) -> str:
    """Another id for each id, the same one for the same; what has a name of its own gets another one."""
    if (pattern := _OTHERS.get(name.lower())) is not None:
        return pattern.format(hash=_hash(value, salt, 17))
    changed = _ID.sub(lambda found: f"{found[1] or ''}{_hash(found[2], salt, len(found[2]))}", value)
    if changed == value and _NAMED.search(name) and "vpc-" not in value:
        return f"{value}-{salt}"
    return changed


def _hash(value: str, salt: str, length: int) -> str:
    return hashlib.sha256(f"{value}{salt}".encode()).hexdigest()[:length]
