"""Which Region the clients here ask, and whether it is the one that this machine is in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from botocore.exceptions import ConfigParseError

from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.credential_sources import profile_of
from ecs_medic.doctor.surroundings import Surroundings
from ecs_medic.vocabulary import Id

REGION = "region"
_FORM = re.compile(r"[a-z]{2,}(-[a-z]+)+-\d+")


@dataclass(frozen=True, slots=True)
class Chosen:
    """The Region that is examined, None where there is none, and the check on it."""

    region: str | None
    check: Check


def chosen_region(option: str | None, environment: Mapping[str, str], place: Surroundings, home: Path) -> Chosen:
    """The Region by the option, else as the SDK chooses it, else where the task or the instance is."""
    configured, source = _configured(environment, home)
    here = place.task.task.region if place.task else None
    here = here or (place.instance.region if place.instance else None)
    if option is not None:
        return _checked(option, "--region", here)
    if configured is None and here is not None:
        return Chosen(
            here,
            Check(
                REGION,
                here,
                Status.BROKEN,
                f"this machine is in {here}, and no client here is told so: the SDKs have no Region",
                f"Set AWS_REGION={here}.",
                advisory=True,
            ),
        )
    if configured is None:
        reason = "no Region: neither AWS_REGION nor a profile names one, and no metadata endpoint does"
        return Chosen(None, Check(REGION, "", Status.BROKEN, reason, "Set AWS_REGION, or give --region."))
    return _checked(configured, source, here)


def _configured(environment: Mapping[str, str], home: Path) -> tuple[str | None, str]:
    for variable in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        if environment.get(variable):
            return environment[variable], variable
    name = environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE") or "default"
    try:
        profile = profile_of(environment, home, name) or {}
    except (ConfigParseError, OSError):
        profile = {}
    return profile.get("region") or None, f"the profile {name}"


def _checked(region: str, source: str, here: str | None) -> Chosen:
    if not _FORM.fullmatch(region):
        reason = f"{source} says {region[:40]!r}, which is not the name of a Region"
        return Chosen(None, Check(REGION, "", Status.BROKEN, reason, "Name a Region such as eu-west-1."))
    if here is not None and here != region:
        return Chosen(
            region,
            Check(
                REGION,
                region,
                Status.BROKEN,
                f"{source} says {region}, this machine is in {here}: VPC endpoints here serve {here} only",
                f"Set AWS_REGION={here}, unless the other Region is meant.",
                advisory=True,
                candidates=(Id.WRONG_REGION,),
            ),
        )
    beside = ", where this machine is" if here == region else ""
    return Chosen(region, Check(REGION, region, Status.OK, f"{region} by {source}{beside}"))
