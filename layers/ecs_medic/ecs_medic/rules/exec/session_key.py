"""The key that encrypts the cluster's sessions, where the cluster names it by an alias."""

from collections.abc import Iterator

from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent
from ecs_medic.finding import NotChecked
from ecs_medic.needs.exec import resolved_key, session_key
from ecs_medic.rules.exec.target import not_checked
from ecs_medic.vocabulary import Id


def alias_not_checked(cause: Id, facts: Facts) -> Iterator[NotChecked]:
    """That nobody can say what a role may do with the key, since it is not known which key it is."""
    key = session_key(facts)
    if key is None or resolved_key(key, facts.encryption_keys):
        return
    answer = facts.encryption_keys.get(key, NOT_READ)
    what = f"which key {key} stands for"
    if isinstance(answer, Absent):
        yield NotChecked(f"{cause}: {what}", "KMS knows no such alias: without its key no session can be encrypted")
    yield from not_checked(cause, what, answer)
