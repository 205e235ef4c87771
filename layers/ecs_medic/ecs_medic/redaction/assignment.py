"""Values that a name gives away: `DB_PASSWORD=…`, `"client_secret": "…"`, `apiKey: …`, `--password …`.

The same words also name what is no secret (`secretsmanager:GetSecretValue`, `SECRET_ARN=…`, `--secret-id`,
`security token: expired`): a name is only a candidate, what stands around it and the value decide.

A name that is kept is stepped over without its value, so that a secret inside that value is still found; a value is
looked at in full only where it goes. That keeps the time linear in the text.
"""

import re
from collections.abc import Callable

from ecs_medic.redaction.mark import MARK
from ecs_medic.redaction.randomness import looks_random

_WORD = (
    r"pass(?:word|wd|phrase|code)|pwd|(?<=[_\-\"'])pass|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
    r"|signing[_-]?key|encryption[_-]?key|account[_-]?key|webhook[_-]?url|connection[_-]?string|(?<=[_\"'])auth"
    r"|x-amz-(?:signature|credential)|jwt|(?<=[\"'])command"
)
HINTS = ("pass", "pwd", "secret", "token", "key", "webhook", "string", "auth", "x-amz-", "jwt", "command")
"""In lower case: a text with none of these words assigns no secret."""
_QUOTE = r"\\{0,31}[\"']"

_NAME = re.compile(
    r"(?P<arn>\barn:aws[\w-]*:[\w:/.*+@$-]++(?!=))"
    rf"|(?P<word>{_WORD})(?P<suffix>[\w-]{{0,40}})(?P<close>(?:{_QUOTE})?)"
    r"(?P<separator>[ \t]{0,3}(?:=>|:=|=|:|%3[DA])[ \t]{0,3})",
    re.IGNORECASE,
)
_FLAG = re.compile(
    r"(?<![\w-])--?(?P<word>[\w-]{0,30}?(?:password|passwd|passphrase|secret-string|secret|api-key|token|command))"
    rf"(?:[ \t]{{1,3}}|{_QUOTE},[ \t]?(?=\\{{0,31}}[\"']))(?!-)",
    re.IGNORECASE,
)
"""A command-line option; one that goes on (`--password-stdin`, `--secret-id`) is another one."""

_VALUE = re.compile(
    rf"(?P<open>{_QUOTE})(?P<quoted>(?:(?!(?<!\\)(?P=open))(?:\\.|[^\n]))*+)"
    rf"|(?P<list>\[(?:{re.escape(MARK)}|\"(?:\\.|[^\"\\\n])*+(?:\"|(?=\\?(?:\n|\Z)))|[^\]\"\n])*+)"
    r"|(?P<bare>(?:[^\s\"'`\\]|\\(?![\"'])|[\"'`](?=\w))++)"
)
_ENOUGH = 120
"""Characters of a value that decide whether it is a secret."""

_NAMES_SOMETHING = frozenset(
    {
        "arn", "arns", "id", "name", "names", "file", "path", "url", "uri", "endpoint", "type", "version", "versionid",
        "length", "policy", "field", "ttl", "expiry", "expires", "expiresat", "expiresin", "expiration", "provider",
        "store", "option", "options", "ref", "prefix", "count", "limit", "age", "lifetime", "issuetime", "stdin",
        "enabled", "required", "manager", "smanager", "s",
    }
)  # fmt: skip
"""What may follow the telling word without making it a secret: a reference to it, or something about it."""
_NO_SECRET_BEFORE = frozenset(
    {"next", "client", "request", "clientrequest", "starting", "page", "pagination", "continuation"}
)
"""Tokens of paging and idempotency."""
_HARMLESS = frozenset({"", "null", "none", "true", "false", "undefined", "nil", "(null)", "<nil>", "unset"})
_REFERENCE = re.compile(
    r"\$[A-Z_][A-Z0-9_]*|\$\{.*|\$\(.*|\{\{.*|<[A-Z][A-Z0-9_ -]*>|arn:aws[\w-]*:[\w:/.*+@$-]+[,;.)\]}]?"
    r"|/(?:bin|usr/bin)/(?:ba|da|a|z|c)?sh|(?:ba|da|a|z)?sh|\*+",
    re.IGNORECASE,
)
"""What may stand where a secret would and is none: a variable, a placeholder, an ARN, a bare shell, asterisks."""
_ERROR_WORD = re.compile(
    r"[A-Za-z]*(?:Exception|Error|Denied|NotFound|Invalid|Expired|Failed)[A-Za-z]*[:.,]?", re.IGNORECASE
)
_IDENTIFIER_HEAD = re.compile(r"[\w.-]{0,40}\Z")


type _Decision = Callable[[re.Match[str], re.Match[str]], bool]


def redact_assignments(text: str) -> str:
    """`text` with every value marked whose name says that it is secret."""
    return _scan(_scan(text, _NAME, _keeps_assigned), _FLAG, _keeps_flag)


def _scan(text: str, names: re.Pattern[str], keeps: _Decision) -> str:
    done: list[str] = []
    copied = at = 0
    while name := names.search(text, at):
        at = name.end()
        opening = _VALUE.match(text[at : at + _ENOUGH])
        if opening is None or keeps(name, opening):
            continue
        value = _VALUE.match(text, at)
        if value is None:
            continue
        kept_quote = value["open"] or ("[" if value["list"] is not None else "")
        done += (text[copied:at], kept_quote, MARK)
        copied = at = value.end()
    return "".join((*done, text[copied:]))


def _content(value: re.Match[str]) -> str:
    return next(part for part in (value["quoted"], value["list"], value["bare"]) if part is not None)


def _keeps_assigned(name: re.Match[str], value: re.Match[str]) -> bool:
    if name["arn"] is not None:
        return True
    word, suffix = name["word"].lower(), re.sub("[_-]", "", name["suffix"]).lower()
    before, content = _before(name), _content(value)
    if suffix in _NAMES_SOMETHING or suffix.endswith(("exception", "error")):
        return True
    if word == "token" and before.lower().rstrip("_-") in _NO_SECRET_BEFORE:
        return True
    if word == "pwd" and before.lower() in {"", "old"} and content.startswith("/"):
        return True  # the shell's working directory
    if _is_harmless(content) or (value["list"] is not None and word != "command") or content.startswith("{"):
        return True
    return _reads_like_prose(name, before, value)


def _keeps_flag(name: re.Match[str], value: re.Match[str]) -> bool:
    option = name["word"].lower()
    return option.removesuffix("-token") in _NO_SECRET_BEFORE or _is_harmless(_content(value))


def _is_harmless(content: str) -> bool:
    return content.lower() in _HARMLESS or _REFERENCE.fullmatch(content) is not None


def _before(name: re.Match[str]) -> str:
    """The part of the identifier in front of the telling word: "DB_" of DB_PASSWORD."""
    start = name.start("word")
    head = _IDENTIFIER_HEAD.search(name.string[max(0, start - 40) : start])
    return head[0] if head else ""


def _reads_like_prose(name: re.Match[str], before: str, value: re.Match[str]) -> bool:
    """`token: expired` in a sentence, as opposed to an assignment: only a colon without any quotes is ambiguous."""
    if name["close"] or value["open"] or name["separator"].strip() != ":":
        return False
    content = _content(value)
    start = name.start("word") - len(before)
    ends_a_path = start > 0 and name.string[start - 1] in "/:"  # of a parameter, or of an ARN that was cut
    if _ERROR_WORD.fullmatch(content) or (ends_a_path and not looks_random(content)):
        return True
    return name["word"].lower() in {"secret", "token"} and _names_rather_than_assigns(name, before, content)


def _names_rather_than_assigns(name: re.Match[str], before: str, content: str) -> bool:
    names_a_type = before[:1].isupper() and not before.isupper()  # ExpiredToken, GetAuthorizationToken
    if before and not names_a_type:
        return False  # db_secret, clientSecret
    if name["word"].lower() == "token" and not before:
        return not (len(content) >= 6 and any(character.isdigit() for character in content))
    return "/" in content or not looks_random(content)
