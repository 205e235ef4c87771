"""Turn a row of the catalogue and a finding's params into a fix that can be pasted."""

import re
import shlex
from collections.abc import Mapping, Sequence

from ecs_medic.catalogue.lookup import row
from ecs_medic.catalogue.row import Grant
from ecs_medic.finding import Fix, JsonValue
from ecs_medic.vocabulary import Id

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")


def fix_for(
    cause: Id,
    params: Mapping[str, JsonValue],
    *,
    cli: Sequence[str] | None = None,
    policy: Mapping[str, JsonValue] | None = None,
) -> Fix:
    """What a person does about `cause`, with every placeholder filled that `params` knows.

    `cli` and `policy` replace those of the catalogue where a rule knows better. A placeholder that nothing fills is
    shown as `<PLACEHOLDER>`, so that a pasted command fails visibly instead of doing something else.
    """
    entry = row(cause)
    commands = tuple(cli) if cli is not None else tuple(fill(line, params, quote=True) for line in entry.commands)
    return Fix(
        summary=fill(entry.fix, params),
        steps=tuple(fill(step, params) for step in entry.steps),
        cli=commands,
        policy=policy if policy is not None else policy_for(entry.grants, params),
    )


def policy_for(grants: Sequence[Grant], params: Mapping[str, JsonValue]) -> dict[str, JsonValue] | None:
    """The least IAM policy that allows `grants`; None where nothing is missing."""
    if not grants:
        return None
    statements: list[JsonValue] = [
        {"Effect": "Allow", "Action": list(grant.actions), "Resource": fill(grant.resource, params)} for grant in grants
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def fill(template: str, params: Mapping[str, JsonValue], *, quote: bool = False) -> str:
    """A template with its placeholders filled from `params`; `quote` makes the values safe in a shell."""

    def value(match: re.Match[str]) -> str:
        found = params.get(match[1])
        if found is None or found in ("", []):
            return f"<{match[1].upper()}>"
        return _text(found, quote=quote)

    return _PLACEHOLDER.sub(value, template)


def _text(value: JsonValue, *, quote: bool) -> str:
    if isinstance(value, list):
        return " ".join(_text(item, quote=quote) for item in value)
    return shlex.quote(str(value)) if quote else str(value)
