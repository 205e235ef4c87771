"""Whether changes may be made: unattended, once somebody agrees, or not at all, and why."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ecs_medic.facts.fact import Unknown
from ecs_medic.plan import Action, Change, Safety
from ecs_medic.repair.controls import Controls, Mode
from ecs_medic.repair.mode import strictest
from ecs_medic.repair.proposal import Consent, Proposal

TAG = "ecs-medic:remediation"

_SAID = {"off": Mode.OBSERVE, "ask": Mode.ASK, "auto": Mode.AUTO}
_CONSENT = {Mode.OBSERVE: Consent.OFF, Mode.ASK: Consent.ASK, Mode.AUTO: Consent.GIVEN}
_OF_THE_NETWORK = frozenset(
    {
        Action.CREATE_VPC_ENDPOINT,
        Action.MODIFY_VPC_ENDPOINT,
        Action.AUTHORIZE_ENDPOINT_INGRESS,
        Action.AUTHORIZE_TASK_EGRESS,
        Action.MODIFY_VPC_DNS,
    }
)


@dataclass(frozen=True, slots=True)
class _Limit:
    """What one thing allows, and the sentence that says so."""

    mode: Mode
    words: str = ""


def consent(
    changes: Sequence[Change],
    controls: Controls,
    tags: Mapping[str, str | Unknown],
    *,
    cluster: str | None = None,
) -> tuple[Consent, str | None]:
    """Whether all the changes may be made, and why not, or why somebody has to agree.

    `tags` are the values of the tag `ecs-medic:remediation` where there is one: `service`, `cluster`, and `vpc` or each
    VPC's id; Unknown where the tags were not read. `cluster` is the cluster's name.

    The service's tag, else the cluster's, takes the place of the mode, but for what the operator said by themselves; a
    VPC's counts besides for changes of the network. Nothing takes the place of `observe`, nor of a limit of one action.
    """
    if controls.closed is not None:
        return Consent.OFF, controls.closed
    if cluster is not None and not controls.covers(cluster):
        return Consent.OFF, f"Repairs are made only in clusters named {controls.cluster}, not in {cluster}."
    limits = [*_of_owner(controls, tags), *_of_actions(changes, controls), *_of_network(changes, tags)]
    limits += [*_of_cost(changes, controls), *_of_safety(changes)]
    found = strictest(one.mode for one in limits)
    if found is Mode.ASK and changes and not _change(changes):
        return Consent.GIVEN, None
    words = dict.fromkeys(one.words for one in limits if one.mode is found and one.words)
    return _CONSENT[found], " ".join(words) or None


def withdrawn(agreed: Proposal, controls: Controls, *, approved: bool) -> str | None:
    """Why changes that were agreed to must not be made any more, as the controls are by now; None where they may.

    `approved` is whether somebody has approved these very changes; else they were to be made unattended.
    """
    if controls.closed is not None:
        return controls.closed
    limits = tuple(_of_actions(agreed.changes, controls))
    off = [one.words for one in limits if one.mode is Mode.OBSERVE]
    if off:
        return " ".join(off)
    if approved or not _change(agreed.changes):
        return None
    if agreed.consent is not Consent.GIVEN:
        return "Nobody has approved the changes."
    if limits or not controls.still_allow(agreed.mode):
        return "By now repairs are to be asked about."
    return None


def _change(changes: Iterable[Change]) -> bool:
    """Looking again later is nothing that anybody need agree to."""
    return any(one.action is not Action.RECHECK_LATER for one in changes)


def of_the_network(changes: Iterable[Change]) -> bool:
    """Whether any of them changes a VPC, and not a service or a log group alone."""
    return any(one.action in _OF_THE_NETWORK for one in changes)


def _of_actions(changes: Iterable[Change], controls: Controls) -> Iterable[_Limit]:
    for action in dict.fromkeys(one.action for one in changes):
        match controls.actions.get(action):
            case Mode.OBSERVE:
                yield _Limit(Mode.OBSERVE, f"{action} is switched off.")
            case Mode.ASK:
                yield _Limit(Mode.ASK, f"{action} is to be asked about.")


def _of_owner(controls: Controls, tags: Mapping[str, str | Unknown]) -> Iterable[_Limit]:
    """What is tagged is asked first; tags that were not read leave the mode as it is, but allow nothing unattended."""
    yield _Limit(controls.ceiling)
    service, cluster = tags.get("service"), tags.get("cluster")
    if not isinstance(service, str):
        if service is not None:
            yield _of_tag("service", service)
        if cluster is not None:
            yield _of_tag("cluster", cluster)
        if not isinstance(cluster, str):
            yield _Limit(controls.mode)
    else:
        yield _of_tag("service", service)


def _of_network(changes: Iterable[Change], tags: Mapping[str, str | Unknown]) -> Iterable[_Limit]:
    if of_the_network(changes):
        yield from (_of_tag(name, value) for name, value in tags.items() if name.startswith("vpc"))


def _of_tag(whose: str, value: str | Unknown) -> _Limit:
    name = whose if whose.startswith("vpc-") else f"the {'VPC' if whose == 'vpc' else whose}"
    if isinstance(value, Unknown):
        missing = f" (missing permission {value.missing_permission})" if value.missing_permission else ""
        return _Limit(Mode.ASK, f"The tags of {name} were not read{missing}.")
    said = _SAID.get(value.strip().lower())
    if said is None:
        return _Limit(Mode.OBSERVE, f"The tag {TAG} of {name} says {value[:60]!r}: not knowing it, that is off.")
    return _Limit(said, "" if said is Mode.AUTO else f"The tag {TAG} of {name} says {value.strip().lower()}.")


def _of_cost(changes: Iterable[Change], controls: Controls) -> Iterable[_Limit]:
    costs = [one.monthly_cost_usd for one in changes]
    if None in costs:
        yield _Limit(Mode.ASK, "What it costs is not known.")
    cost, ceiling = round(sum(filter(None, costs)), 2), controls.max_monthly_cost_usd
    if ceiling is not None and cost > ceiling:
        yield _Limit(Mode.ASK, f"It costs ${cost:,.2f} a month, above the ceiling of ${ceiling:,.2f}.")


def _of_safety(changes: Iterable[Change]) -> Iterable[_Limit]:
    if any(one.safety is not Safety.AUTO for one in changes):
        yield _Limit(Mode.ASK)
