"""The fix for a pasted message, with everything filled in that its words name: registry, repository, action."""

from collections.abc import Mapping
from dataclasses import replace

from ecs_medic.catalogue.call_policy import call_policy
from ecs_medic.catalogue.fix import fix_for
from ecs_medic.finding import Fix, JsonValue
from ecs_medic.incident import Message
from ecs_medic.partition import partition_of
from ecs_medic.policies.refusal import refusal_in, remedy_beyond
from ecs_medic.symptoms.ecr_named import EcrNamed, ecr_named
from ecs_medic.symptoms.push_details import push_detail
from ecs_medic.vocabulary import Id

PUSH = frozenset(
    {Id.PUSH_NOT_AUTHENTICATED, Id.PUSH_TOKEN_EXPIRED, Id.PUSH_DENIED, Id.PUSH_REPOSITORY_MISSING, Id.PUSH_REJECTED}
)
_CALLER = frozenset({Id.CALLER_DENIED, Id.EXEC_CALLER_DENIED})
_NEEDS_LOGIN = frozenset({Id.PUSH_NOT_AUTHENTICATED, Id.PUSH_TOKEN_EXPIRED})
_SUDO = "sudo docker"


def fix_by_words(message: Message, symptom: Id) -> Fix:
    """The catalogue's fix, made as precise as the words allow."""
    words = message.stopped_reason or message.container_reason or ""
    if symptom in PUSH:
        return _push(words, symptom)
    refusal = refusal_in(words) if symptom in _CALLER else None
    if refusal is None:
        return fix_for(symptom, {})
    if beyond := remedy_beyond(refusal, "the caller", refusal.action):
        return replace(fix_for(symptom, {}), summary=beyond, policy=None)
    return fix_for(symptom, {}, policy=call_policy([(refusal.action, refusal.resource or "*")]))


def _push(words: str, symptom: Id) -> Fix:
    named = ecr_named(words)
    params = _params(named)
    fix = fix_for(symptom, params)
    if symptom in _NEEDS_LOGIN and named.repository and named.registry:
        fix = replace(fix, cli=(*fix.cli, f"docker push {_image(named)}"))
    if symptom is Id.PUSH_REJECTED and named.repository and named.registry:
        fix = replace(fix, cli=(*fix.cli, f"docker push {named.registry}/{named.repository}:<NEW_TAG>"))
    commands = tuple(_for_this_registry(command, named) for command in fix.cli)
    if _SUDO in " ".join(words.split()):
        commands = tuple(_with_sudo(command) for command in commands)
    fix = replace(fix, cli=commands)
    refusal = refusal_in(words)
    if refusal and (beyond := remedy_beyond(refusal, "the caller", refusal.action)):
        return replace(fix, summary=beyond, policy=None)
    detail = push_detail(symptom, words)
    return replace(fix, summary=detail, steps=(fix.summary, *fix.steps)) if detail else fix


def _params(named: EcrNamed) -> Mapping[str, JsonValue]:
    return {
        "region": named.region,
        "registry_id": named.account,
        "repository": named.repository,
        "partition": partition_of(named.region or ""),
    }


def _image(named: EcrNamed) -> str:
    return f"{named.registry}/{named.repository}:{named.tag or '<TAG>'}"


def _for_this_registry(command: str, named: EcrNamed) -> str:
    """China's registries have another domain; the public registry has another host, and another API."""
    if named.public:
        host = "<REGISTRY_ID>.dkr.ecr.us-east-1.amazonaws.com"
        return command.replace("aws ecr ", "aws ecr-public ").replace(host, "public.ecr.aws")
    if (named.region or "").startswith("cn-") and "amazonaws.com.cn" not in command:
        return command.replace(".amazonaws.com", ".amazonaws.com.cn")
    return command


def _with_sudo(command: str) -> str:
    return command.replace("| docker ", "| sudo docker ") if "| docker " in command else _at_start(command)


def _at_start(command: str) -> str:
    return f"sudo {command}" if command.startswith("docker ") else command


def fix_in_one_line(fix: Fix, symptom: Id) -> str:
    """What to do as one text: for a push, with the corrected commands."""
    if symptom not in PUSH or not fix.cli:
        return fix.summary
    return f"{fix.summary} {' && '.join(fix.cli)}"
