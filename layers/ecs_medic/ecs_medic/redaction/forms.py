"""The table of what is secret by its own form, and the function that applies it.

Every pattern is anchored or bounded, so that the time stays linear in the text whatever the text is.
"""

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from ecs_medic.redaction.assignment import HINTS, redact_assignments
from ecs_medic.redaction.mark import MARK
from ecs_medic.redaction.randomness import looks_like_secret_access_key

type _Replacement = str | Callable[[re.Match[str]], str]


@dataclass(frozen=True, slots=True)
class _Form:
    """One form of secret: how to find it and what stays of it."""

    what: str
    hints: tuple[str, ...]
    """In lower case: a text with none of them has no such secret. Looking for them is far quicker than matching."""
    pattern: re.Pattern[str]
    becomes: _Replacement = MARK


_SIGNED_QUERY = re.compile(
    r"(?:^|[?&;]|\\u0026|%26)(?:x-(?:amz|goog)-(?:signature|credential|security-token|signedheaders|algorithm)"
    r"|awsaccesskeyid|signature|sig|key-pair-id)(?:=|%3D)",
    re.IGNORECASE,
)

_CREDENTIALS = re.compile(
    r"(?:bearer|basic|digest|negotiate|token|apikey|aws4-hmac-sha256)\b|\S*\d|\[redacted\]", re.IGNORECASE
)


def _query(match: re.Match[str]) -> str:
    return f"?{MARK}" if _SIGNED_QUERY.search(match[0]) else match[0]


def _header(match: re.Match[str]) -> str:
    """Marks the header's whole line, unless a sentence only speaks of "authorization: …"."""
    name, between, value = match.groups()
    starts_a_line = match.start() == 0 or match.string[match.start() - 1] in "\"'\n"
    is_sentence = name.lower() == "authorization" and not starts_a_line and not _CREDENTIALS.match(value)
    return match[0] if is_sentence else f"{name}{between}{MARK}"


def _secret_access_key(match: re.Match[str]) -> str:
    key = match["key"]
    return MARK if key is not None and looks_like_secret_access_key(key) else match[0]


_FORMS = (
    _Form(
        "private key",
        ("-----begin ",),
        re.compile(
            r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
            r"(?:.*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|.*)",
            re.DOTALL,
        ),
    ),
    _Form(
        "rest of a private key whose beginning was cut off",
        ("-----end ",),
        re.compile(
            r"(?m:^)(?:[A-Za-z0-9+/=]{1,80}\r?\n)++(?P<end>-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?",
        ),
        # Lines that do not lead up to an end are stepped over at once, and stay.
        lambda match: match[0] if match["end"] is None else MARK,
    ),
    _Form("query of a presigned URL", ("?",), re.compile(r"\?[^\s\"'<>`|]+"), _query),
    _Form(
        "signed header or query parameter",
        ("x-amz-", "awsaccesskeyid"),
        re.compile(
            r"\b(x-amz-(?:signature|credential|security-token)|awsaccesskeyid)(\"?[ \t]{0,2}(?:=|:|%3D)[ \t]{0,2}\"?)"
            r"[^\s&\"',;]+",
            re.IGNORECASE,
        ),
        rf"\1\2{MARK}",
    ),
    _Form(
        "authorization or cookie header",
        ("authorization", "cookie", "x-registry-auth", "x-auth-token", "x-vault", "x-api-key", "private-token"),
        re.compile(
            r"\b((?:proxy-)?authorization|(?:set-)?cookie|x-registry-auth|x-auth-token|x-vault-token|x-api-key|private-token)"
            r"([ \t]{0,2}[:=][ \t]{0,3})(?=\S)([^\n\"']+)",
            re.IGNORECASE,
        ),
        _header,
    ),
    _Form(
        "bearer or basic credentials",
        ("bearer", "basic"),
        re.compile(r"\b(bearer|basic)([ \t]{1,3})(?=[\w.~+/-]{0,200}[\d.=])[\w.~+/-]{8,}=*", re.IGNORECASE),
        rf"\1\2{MARK}",
    ),
    _Form(
        "Slack webhook",
        ("hooks.slack",),
        re.compile(r"(\bhooks\.slack(?:-gov)?\.com/)[\w/-]+", re.IGNORECASE),
        rf"\1{MARK}",
    ),
    _Form("Slack token", ("xox", "xapp-"), re.compile(r"\bx(?:ox[a-z]|app)(?:\.xox[a-z])?-[\w-]{6,}", re.IGNORECASE)),
    _Form(
        "password in a URL",
        ("://",),
        re.compile(r"(://[^\s/@:\"'<>]{0,128}:)(?!\d{1,5}(?:[/?#]|$))[^\s\"'<>]{1,256}(@)(?!sha256:)"),
        rf"\1{MARK}\2",
    ),
    _Form("token in a URL", ("://",), re.compile(r"(://)[\w.~+%=-]{20,200}(@)(?!sha256:)"), rf"\1{MARK}\2"),
    _Form(
        "AWS access key id",
        ("akia", "asia", "abia", "acca"),
        re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{12,}(?![a-z])"),
    ),
    _Form(
        "AWS session token",
        ("iqoj", "fwog", "fqog", "aqod", "aqoe"),
        re.compile(r"(?<![A-Za-z0-9+/])(?:IQoJ|FwoG|FQoG|AQoD|AQoE)[A-Za-z0-9+/=%]{40,}"),
    ),
    _Form("JSON web token", ("eyj",), re.compile(r"(?<![A-Za-z0-9])eyJ[\w+/=-]{12,}(?:\.[\w+/=-]*){0,4}")),
    _Form(
        "token with a prefix of its maker",
        ("gh", "gl", "dckr_", "npm_", "pypi-", "hv", "_live_", "sk-", "aiza", "ya29.", "sg.", "dop_v1_", "age-"),
        re.compile(
            r"(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{16,}|github_pat_\w{16,}|gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent)-[\w-]{16,}"
            r"|dckr_(?:pat|oat)_[\w-]{16,}|npm_[A-Za-z0-9]{20,}|pypi-[\w-]{20,}|hv[sbr]\.[\w-]{16,}|(?:sk|rk|pk)_live_\w{10,}"
            r"|sk-[\w-]{20,}|AIza[\w-]{30,}|ya29\.[\w-]{20,}|SG\.[\w-]{16,}\.[\w-]{16,}|dop_v1_[a-f0-9]{32,}|AGE-SECRET-KEY-\w+)"
        ),
    ),
    _Form(
        "password as a short option",
        ("login", "sshpass", "mysql", "mariadb", "redis-cli", "curl", "wget"),
        re.compile(
            r"(\b(?:(?:docker|podman|crane|helm registry)[ \t]+login\b[^\n|;]{0,200}?[ \t]-p[ \t=]?"
            r"|sshpass\b[^\n|;]{0,80}?[ \t]-p[ \t]?|(?:mysql|mysqldump|mysqladmin|mariadb)\b[^\n|;]{0,200}?[ \t]-p"
            r"|redis-cli\b[^\n|;]{0,200}?[ \t]-a[ \t]|(?:curl|wget)\b[^\n|;]{0,300}?[ \t](?:-u|--user)[ \t=]))"
            r"(?![-\s])(?![\"\']?\$[({A-Z_])(?:\"[^\"\n]*\"?|'[^'\n]*'?|[^\s\"']\S*)"
        ),
        rf"\1{MARK}",
    ),
    _Form(
        "AWS secret access key",
        (),
        re.compile(
            r"\barn:aws[\w-]*:[\w:/.*+@$-]+|(?<![A-Za-z0-9/+_.-])(?P<key>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=_-]|\.[A-Za-z0-9])"
        ),
        _secret_access_key,
    ),
)
_WITHOUT_HINT = tuple(form for form in _FORMS if not form.hints)
_ANY_HINT = re.compile("|".join(map(re.escape, sorted({*HINTS, *(hint for form in _FORMS for hint in form.hints)}))))
_SHORTEST_WITHOUT_HINT = 40
"""Characters of an AWS secret access key, the one form that nothing announces."""
_LONGEST_NAME = 300
_ROUNDS = 4
"""A mark can uncover another form beside it; the text settles long before this many rounds."""


def redact(text: str) -> str:
    """`text` with everything that grants access replaced by `[redacted]`; doing it again changes nothing."""
    if len(text) <= _LONGEST_NAME:
        with contextlib.suppress(_SecretFound):
            return _harmless(text)
    for _ in range(_ROUNDS):
        cleaned = _once(text)
        if cleaned == text:
            break
        text = cleaned
    return text


# A report says the same names and sentences again and again. What is raised is not remembered: no secret stays here.
@lru_cache(maxsize=1024)
def _harmless(text: str) -> str:
    """The text itself.

    Raises:
        _SecretFound: it is not fit to be seen.
    """
    if len(text) < _SHORTEST_WITHOUT_HINT and not _ANY_HINT.search(text.lower()):
        return text
    if _once(text) != text:
        raise _SecretFound
    return text


class _SecretFound(Exception):  # noqa: N818 - nothing went wrong
    pass


def _once(text: str) -> str:
    lower = text.lower()
    if not _ANY_HINT.search(lower):
        # Most texts: names and numbers of resources.
        for form in _WITHOUT_HINT:
            text = form.pattern.sub(form.becomes, text)
        return text
    for form in _FORMS:
        if not form.hints or any(hint in lower for hint in form.hints):
            text = form.pattern.sub(form.becomes, text)
    return redact_assignments(text) if any(hint in lower for hint in HINTS) else text
