"""Turn a row of the catalogue and a finding's params into a fix that can be pasted."""

import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ecs_medic.catalogue.lookup import row
from ecs_medic.catalogue.row import Grant
from ecs_medic.finding import Fix, JsonValue
from ecs_medic.vocabulary import Id

_PUT_ROLE_POLICY = "aws iam put-role-policy "
_GRANT = _PUT_ROLE_POLICY + "--role-name {role_name} --policy-name {policy_name} --policy-document {policy}"
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
    shown as `<PLACEHOLDER>`, so that a pasted command fails visibly instead of doing something else. `{policy}` in a
    command is the policy itself, as JSON.
    """
    entry = row(cause)
    if policy is None:
        policy = policy_for(entry.grants, params)
    told = params if policy is None else {**params, "policy": json.dumps(policy, separators=(",", ":"))}
    commands = tuple(cli) if cli is not None else tuple(fill(line, told, quote=True) for line in entry.commands)
    return Fix(
        summary=fill(entry.fix, params),
        steps=tuple(fill(step, params) for step in entry.steps),
        cli=commands,
        policy=policy,
    )


def role_fix(cause: Id, params: Mapping[str, JsonValue], policy: Mapping[str, JsonValue]) -> Fix:
    """The same where a role lacks `policy`, beginning with the command that gives it to the role in `role_name`."""
    fix = fix_for(cause, params, policy=policy)
    if any(_PUT_ROLE_POLICY in command for command in fix.cli):
        return fix
    named = {**params, "policy_name": cause.replace("_", "-"), "policy": json.dumps(policy, separators=(",", ":"))}
    return replace(fix, cli=(fill(_GRANT, named, quote=True), *fix.cli))


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
