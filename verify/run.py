"""The verification, step by step. Whatever happens in it, everything is removed and what was seen is written down."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from verify import broken_service, deployment, guard, hearing, image, probes, removal, watching
from verify.names import BROKEN, NAME, PROBE
from verify.place import Place
from verify.probes import Attempt
from verify.record import Record, StepEnd


def copy_image(place: Place) -> None:
    """The tiny image, from the public registry into the account's."""
    ecr = place.client("ecr")
    (login,) = ecr.get_authorization_token()["authorizationData"]
    target = f"{login['proxyEndpoint']}/v2/{NAME}"
    image.copy(image.public(), image.Repository(target, f"Basic {login['authorizationToken']}"))


@dataclass(slots=True)
class Journey:
    """What the steps hand on. `deploy`, `push_image` and `heard` are what a test has to stand in for."""

    place: Place
    record: Record
    environment: Mapping[str, str]
    deploy: Callable[[Place, Mapping[str, str]], Mapping[str, str]] = deployment.deploy
    push_image: Callable[[Place], object] = copy_image
    heard: Callable[[], Iterable[dict[str, Any]]] | None = None
    repository: str = ""
    subnet: str = ""
    group: str = ""
    table: str = ""
    incident_id: str = ""
    execs: list[Attempt] = field(default_factory=list)
    pushes: list[Attempt] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Step:
    """One step. Where one that is `vital` fails, those after it are pointless."""

    title: str
    work: Callable[[Journey], None]
    vital: bool = False


def _listen(journey: Journey) -> None:
    hearing.make_trail(journey.place)
    hearing.listen(journey.place)


def _surroundings(journey: Journey) -> None:
    broken_service.make_roles(journey.place)
    journey.subnet, journey.group = broken_service.make_network(journey.place)
    journey.repository = broken_service.make_repository(journey.place)


def _image(journey: Journey) -> None:
    journey.push_image(journey.place)


def _deploy(journey: Journey) -> None:
    journey.table = journey.deploy(journey.place, journey.environment)["LedgerTableName"]


def _break(journey: Journey) -> None:
    broken_service.make_services(journey.place, f"{journey.repository}:latest", journey.subnet, journey.group)


def _alert(journey: Journey) -> None:
    place = journey.place
    journey.incident_id = watching.see_alert(place, watching.ledger(place, journey.table), journey.record)


def _repair(journey: Journey) -> None:
    place = journey.place
    watching.see_repair(place, watching.ledger(place, journey.table), journey.incident_id, journey.record)


def _strangers(journey: Journey) -> None:
    journey.execs += probes.try_exec_at_once(journey.place)
    journey.pushes += probes.try_push(journey.place)


def _not_enabled(journey: Journey) -> None:
    journey.execs += probes.try_exec(journey.place, BROKEN, "exec is not enabled")


def _no_way_out(journey: Journey) -> None:
    broken_service.start_probe(journey.place)
    journey.execs += probes.try_exec(journey.place, PROBE, "the agent has no way out")


def _hear(journey: Journey) -> None:
    heard = journey.heard or (lambda: hearing.heard(journey.place))
    place, execs, pushes, record = journey.place, journey.execs, journey.pushes, journey.record
    events = probes.hear(place, execs, pushes, heard, record)
    probes.see_delivered(place, execs, pushes, events, watching.ledger(place, journey.table), record)


def _login(journey: Journey) -> None:
    probes.see_login(journey.place, journey.record)


def _agent(journey: Journey) -> None:
    probes.see_agent(journey.place, journey.record)


STEPS: Sequence[Step] = (
    Step("make a trail, and listen", _listen, vital=True),
    Step("make roles, an isolated network and a repository", _surroundings, vital=True),
    Step("look at the token of a login", _login),
    Step("copy a tiny image", _image, vital=True),
    Step("deploy the stack", _deploy, vital=True),
    Step("start a service that cannot start", _break, vital=True),
    Step("make calls that are refused", _strangers),
    Step("see the alert", _alert),
    Step("see the repair", _repair),
    Step("ask for a session where ECS Exec is off", _not_enabled),
    Step("ask for a session that has no way out", _no_way_out),
    Step("see where the agent of ECS Exec is", _agent),
    Step("hear of the refused calls", _hear),
)


def verify(journey: Journey, folder: Path, steps: Sequence[Step] = STEPS) -> Path:
    """Does it, removes everything, and writes the record; the record's page.

    Raises:
        RefusedError: it may not run here. Nothing has been made then, and nothing is written.
        KeyboardInterrupt: somebody broke it off. What was made is removed and the record is written before.
    """
    guard.admit(journey.place, journey.environment)
    _free(journey.place)
    try:
        for step in steps:
            if not _taken(step, journey) and step.vital:
                break
    finally:
        try:
            _take("remove everything", lambda: _remove(journey), journey)
        finally:
            journey.record.complete()
            page = journey.record.write(folder)
            journey.place.say(f"written down: {page}")
    return page


def _free(place: Place) -> None:
    """That nothing is there yet of what will be made.

    Raises:
        RefusedError: something is. What is not ours is told first: no command is advised while it is there.
    """
    if region := removal.elsewhere(place):
        raise guard.RefusedError(f"an earlier run has left things in {region}: {_clean(region)}")
    if strange := removal.not_ours(place):
        raise guard.RefusedError(f"named as this names its own, and not ours: {', '.join(strange)}")
    if there := removal.leftovers(place):
        raise guard.RefusedError(f"an earlier run has left {', '.join(there)}: {_clean(place.region)}")


def _clean(region: str) -> str:
    return f"ACCOUNT=… AWS_REGION={region} make verify-on-aws-clean"


def _remove(journey: Journey) -> None:
    journey.record.left = removal.remove(journey.place)


def _taken(step: Step, journey: Journey) -> bool:
    """Whether the step went through; anything but being broken off is noted, not raised."""
    with suppress(Exception):
        _take(step.title, lambda: step.work(journey), journey)
        return True
    return False


def _take(title: str, work: Callable[[], None], journey: Journey) -> None:
    """Works, and notes how it ended."""
    place = journey.place
    place.say(title)
    began = place.clock()
    trouble: str | None = None
    try:
        work()
    except BaseException as error:
        trouble = f"{type(error).__name__}: {error}"
        place.say(f"  {trouble}")
        raise
    finally:
        journey.record.steps.append(StepEnd(title, round(place.clock() - began), trouble))
