"""Reading IAM policy documents: enough of the language to decide what this account needs decided."""

import fnmatch
import json
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

type Document = Mapping[str, Any]
type Context = Mapping[str, str]


class Verdict(StrEnum):
    """What a set of documents says about one call."""

    ALLOW = "allow"
    DENY = "deny"
    SILENT = "silent"


def load(text: Any) -> Document:
    """A policy document from JSON text, URL-encoded or not, or from what is already parsed."""
    if isinstance(text, Mapping):
        return text
    plain = text if text.lstrip().startswith("{") else unquote(text)
    document: Document = json.loads(plain)
    return document


def judge(
    documents: Iterable[Document], action: str, resource: str, context: Context, principal: str | None = None
) -> Verdict:
    """An explicit deny wins; `principal` (an ARN) is matched where the statements name principals."""
    verdict = Verdict.SILENT
    for document in documents:
        for statement in _list(document.get("Statement")):
            if not _applies(statement, action, resource, context, principal):
                continue
            if statement.get("Effect") == "Deny":
                return Verdict.DENY
            verdict = Verdict.ALLOW
    return verdict


def _applies(statement: Document, action: str, resource: str, context: Context, principal: str | None) -> bool:
    return (
        _named(statement, "Action", action.lower(), str.lower)
        and _named(statement, "Resource", resource, str)
        and _principal(statement, principal)
        and all(_condition(op, keys, context) for op, keys in statement.get("Condition", {}).items())
    )


def _named(statement: Document, element: str, value: str, fold: Callable[[str], str]) -> bool:
    if element in statement:
        return any(_glob(value, fold(p)) for p in _list(statement[element]))
    if f"Not{element}" in statement:
        return not any(_glob(value, fold(p)) for p in _list(statement[f"Not{element}"]))
    return element == "Resource"  # a trust policy names no resource


def _principal(statement: Document, principal: str | None) -> bool:
    if "Principal" not in statement or principal is None:
        return True
    named = statement["Principal"]
    if named == "*":
        return True
    values = [value for kind in named.values() for value in _list(kind)]
    account = principal.split(":")[4] if principal.startswith("arn:") else ""
    return any(
        value in {"*", principal} or (account and (value == account or value.endswith(f":iam::{account}:root")))
        for value in values
    )


def _glob(value: str, pattern: str) -> bool:
    return fnmatch.fnmatchcase(value, pattern.replace("[", "[[]"))


_COMPARE: Mapping[str, Callable[[str, str], bool]] = {
    "StringEquals": lambda actual, wanted: actual == wanted,
    "StringEqualsIgnoreCase": lambda actual, wanted: actual.lower() == wanted.lower(),
    "StringLike": _glob,
    "ArnEquals": _glob,
    "ArnLike": _glob,
    "Bool": lambda actual, wanted: actual.lower() == wanted.lower(),
}


def _condition(operator: str, keys: Mapping[str, Any], context: Context) -> bool:
    """A key that the call does not carry fails a plain operator and satisfies a negated or an IfExists one.

    A statement with an operator that is not read here (dates, numbers, addresses) never applies.
    """
    name = operator.removesuffix("IfExists").rpartition(":")[2]
    if name == "Null":
        return all((key.lower() not in context) is (str(wanted).lower() == "true") for key, wanted in keys.items())
    negated = "Not" in name
    compare = _COMPARE.get(name.replace("Not", ""))
    if compare is None:
        return False
    for key, wanted in keys.items():
        actual = context.get(key.lower())
        if actual is None:
            if negated or operator.endswith("IfExists"):
                continue
            return False
        if any(compare(actual, str(value)) for value in _list(wanted)) is negated:
            return False
    return True


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]
