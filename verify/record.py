"""What a verification saw, written down as JSON and as a page to read. Whoever ran it decides whether to commit it."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from verify.believed import BELIEVED, EXEC_EVENT
from verify.names import NAME

_SECRET_FIELDS = re.compile(
    r"accessKeyId|principalId|sourceIPAddress|userAgent|userName|tokenValue|sessionIssuer|tlsDetails", re.IGNORECASE
)
# Whoever verifies, by the ARN of a user or a session; the roles that the verification makes may be named.
_PEOPLE = re.compile(rf"(:user/|:assumed-role/)(?!{NAME}-)[^\s\"',}}|]+")
_EXAMPLE_ACCOUNT = "123456789012"
ALERT = "alert"
REPAIR = "repair"
OWN_REPAIR = "own-repair"
EXEC_DELIVERED = "exec-delivered"
PUSH_DELIVERED = "push-delivered"
_TITLES = {
    ALERT: "The alert names the right cause",
    REPAIR: "The repair helps",
    OWN_REPAIR: "The stack begins the repair by itself",
    EXEC_DELIVERED: "A refused ExecuteCommand is delivered to the product's own rule",
    PUSH_DELIVERED: "A refused ECR call is delivered to the product's own rule",
}
UNFINISHED = "unknown, the removal did not finish: run `make verify-on-aws-clean`"


class Verdict(StrEnum):
    """What became of one fact."""

    SEEN = "seen"
    OTHERWISE = "otherwise"
    """AWS did something else: the product has to be changed."""
    NOT_SEEN = "not seen"
    """It was looked for, and nothing was found that decides it."""
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one fact, with what AWS sent as evidence."""

    fact: str
    verdict: Verdict
    words: str
    evidence: Any = None


@dataclass(frozen=True, slots=True)
class StepEnd:
    """How one step ended; `trouble` is why it did not succeed."""

    step: str
    seconds: int
    trouble: str | None = None


@dataclass(slots=True)
class Record:
    """All of it. `left` is what the removal could not remove; None as long as it has not finished."""

    account: str
    region: str
    version: str
    started_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    steps: list[StepEnd] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    left: list[str] | None = None

    def saw(self, fact: str, verdict: Verdict, words: str, evidence: Any = None) -> None:
        """Notes an observation."""
        self.observations.append(Observation(fact, verdict, words, redacted(evidence, self.account)))

    @property
    def succeeded(self) -> bool:
        """Whether every step went through, everything was as believed or left open, and nothing is left behind.

        That refused sessions are heard of is what all of it is for: it may not be left open.
        """
        wrong = [one for one in self.observations if one.verdict is Verdict.OTHERWISE]
        unheard = [one for one in self.observations if (one.fact, one.verdict) == (EXEC_EVENT, Verdict.NOT_SEEN)]
        return self.left == [] and not (wrong or unheard or any(one.trouble for one in self.steps))

    def complete(self) -> None:
        """Notes for every believed fact that nothing was said of, that it was not checked."""
        seen = {one.fact for one in self.observations}
        for fact in BELIEVED:
            if fact.id not in seen:
                self.saw(fact.id, Verdict.NOT_CHECKED, fact.unchecked or "the run did not come so far")

    def write(self, folder: Path) -> Path:
        """Writes both files and returns the page's path."""
        folder.mkdir(parents=True, exist_ok=True)
        stem = re.sub(r"\W+", "", self.started_at.split("+")[0])
        document = redacted(asdict(self), self.account)
        (folder / f"{stem}.json").write_text(json.dumps(document, indent=2, default=str) + "\n", encoding="utf-8")
        page = folder / f"{stem}.md"
        page.write_text(redacted(self.page(), self.account), encoding="utf-8")
        return page

    def page(self) -> str:
        """The page to read."""
        titles = _TITLES | {one.id: one.title for one in BELIEVED}
        lines = [
            f"# Verified on AWS: {self.started_at}, {self.region}",
            "",
            f"ecs-medic {self.version}. Account ids and whoever called are replaced.",
            "",
            "| fact | verdict | what was seen |",
            "|---|---|---|",
            *(f"| {titles[o.fact]} | {o.verdict} | {_cell(o.words)} |" for o in self.observations),
            "",
            "| step | seconds | |",
            "|---|---|---|",
            *(f"| {_cell(s.step)} | {s.seconds} | {_cell(s.trouble or 'done')} |" for s in self.steps),
            "",
            f"Left in the account: {UNFINISHED if self.left is None else ', '.join(self.left) or 'nothing'}.",
            "",
        ]
        for one in self.observations:
            if one.evidence is not None:
                shown = json.dumps(one.evidence, indent=2, default=str)
                lines += [f"## {titles[one.fact]}", "", "```json", shown, "```", ""]
        return "\n".join(lines)


def redacted(value: Any, account: str) -> Any:
    """The same without the account's id, keys' ids, addresses and names of people."""
    match value:
        case str():
            return _PEOPLE.sub(r"\1(left out)", value.replace(account, _EXAMPLE_ACCOUNT))
        case Mapping():
            return {
                key: "(left out)" if _SECRET_FIELDS.fullmatch(str(key)) else redacted(one, account)
                for key, one in value.items()
            }
        case list() | tuple():
            return [redacted(one, account) for one in value]
        case _:
            return value


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
