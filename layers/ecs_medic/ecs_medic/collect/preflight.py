"""What decides whether the services of a cluster could start a task, and let somebody in, if they had to today.

The questions are those of a diagnosis, put for all services at once: what several of them ask for is read once, and
what can be asked for together is. Of a VPC, three calls at most are its own.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from ecs_medic.aws.call import Call
from ecs_medic.aws.reader import Reader
from ecs_medic.collect import facts_from, questions_about, vpc
from ecs_medic.collect.interfaces import HOST_MODES, possible_interfaces
from ecs_medic.collect.inventory import Inventory
from ecs_medic.collect.merging import asked_together, identity_of
from ecs_medic.collect.networks import Networks
from ecs_medic.collect.question import Key, Questions
from ecs_medic.collect.scope import Scope, scope_of
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import Service, Task
from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.facts.network import Interface
from ecs_medic.incident import Incident, Kind, Message, SymptomConfidence
from ecs_medic.vocabulary import Id

_MOST_WAVES = 8
"""More than the questions of a diagnosis take; what is asked after that stays unknown."""

type Watch = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much that is in all."""


@dataclass(frozen=True, slots=True)
class Prospect:
    """One service: `starts` are the facts of a new task of its, in each subnet that it may be put in.

    `session` are the facts of an ECS Exec session with it, None where that is not enabled. `living` is the task of the
    service that was looked at, where one runs.
    """

    service: Service
    start: Incident
    starts: tuple[Facts, ...]
    exec: Incident | None = None
    session: Facts | None = None
    living: Task | None = None


@dataclass(slots=True)
class _Case:
    incident: Incident
    scope: Scope
    answers: dict[Key, Fact[dict[str, object]]]
    beside: Questions = field(default_factory=dict)
    """What is asked about the host of a task that runs already."""


def prospects(
    inventory: Inventory, reader: Reader, now: datetime, *, watch: Watch = lambda *_: None
) -> tuple[Prospect, ...]:
    """All services of the inventory, with what their rules ask for.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused, or nothing of AWS answers at all.
    """
    cases: dict[tuple[str, bool], _Case] = {}
    for service in inventory.services:
        cases[service.name, False] = _start(service, inventory, now)
        if service.enable_execute_command:
            cases[service.name, True] = _exec(service, inventory, now)
    networks = Networks()
    _read(cases.values(), reader, now, networks, watch)
    reader.ensure_reached()
    found: list[Prospect] = []
    for service in inventory.services:
        start, session = cases[service.name, False], cases.get((service.name, True))
        found.append(
            Prospect(
                service=service,
                start=start.incident,
                starts=_in_each_subnet(start, now, networks),
                exec=session.incident if session else None,
                session=_facts(session, now, networks) if session else None,
                living=inventory.living.get(service.name),
            )
        )
    return tuple(found)


def _start(service: Service, inventory: Inventory, now: datetime) -> _Case:
    incident = _incident(Kind.ON_DEMAND, service, inventory, now)
    living = inventory.living.get(service.name)
    beside: Questions = {}
    if living and living.container_instance_arn:
        # Where the next task will be is not known; this is the kind of instance that it will be on.
        beside["container_instance",] = Call(
            "ecs",
            "DescribeContainerInstances",
            {"cluster": inventory.cluster, "containerInstances": [living.container_instance_arn]},
        )
    # What can keep a task from starting is not narrowed down by any message.
    scope = replace(scope_of(incident), trust=True, keys=True)
    return _Case(incident, scope, dict(inventory.answers_about(service)), beside)


def _exec(service: Service, inventory: Inventory, now: datetime) -> _Case:
    living = inventory.living.get(service.name)
    incident = _incident(Kind.EXEC_ERROR, service, inventory, now)
    if living:
        incident = replace(
            incident,
            task_arn=living.arn,
            task_definition_arn=living.task_definition_arn,
            launch_type=living.launch_type,
        )
    answers = dict(inventory.answers_about(service))
    if living:
        answers["task",] = inventory.answer_of(living)
    return _Case(incident, scope_of(incident), answers)


def _incident(kind: Kind, service: Service, inventory: Inventory, now: datetime) -> Incident:
    """A failure that has not happened: no message says what is wrong, so that everything is in question."""
    return Incident(
        kind=kind,
        account=inventory.account,
        region=inventory.region,
        partition=inventory.partition,
        cluster=inventory.cluster,
        symptom=Id.UNKNOWN,
        symptom_confidence=SymptomConfidence.UNKNOWN,
        message=Message(kind),
        occurred_at=now,
        service=service.name,
        task_definition_arn=service.task_definition_arn,
        launch_type=service.launch_type,
    )


def _read(cases: Iterable[_Case], reader: Reader, now: datetime, networks: Networks, watch: Watch) -> None:
    """Wave after wave, until nobody asks for anything that has not been asked for."""
    known: dict[str, Fact[dict[str, object]]] = {}
    pending = list(cases)
    for _ in range(_MOST_WAVES):
        wanted: list[tuple[_Case, Questions]] = []
        for case in pending:
            asked = _unanswered(case, _facts(case, now, networks))
            if asked:
                wanted.append((case, asked))
        calls = {identity_of(call): call for _, asked in wanted for call in asked.values()}
        new = [call for identity, call in calls.items() if identity not in known]
        known |= asked_together(reader, new, watch=lambda done, of: watch("Reading AWS", done, of))
        for case, asked in wanted:
            case.answers.update({key: known[identity_of(call)] for key, call in asked.items()})
        pending = [case for case, _ in wanted]
        if not pending:
            return
    for case in pending:
        left = _unanswered(case, _facts(case, now, networks))
        case.answers.update({key: _too_late(call) for key, call in left.items()})


def _unanswered(case: _Case, facts: Facts) -> Questions:
    asked = case.beside | questions_about(case.incident, case.scope, facts, case.answers)
    return {key: call for key, call in asked.items() if key not in case.answers}


def _too_late(call: Call) -> Unknown:
    return Unknown(call.name, f"not read: a check waits for AWS {_MOST_WAVES} times at most")


def _facts(case: _Case, now: datetime, networks: Networks) -> Facts:
    """What is known by now; a new task's interface is in the first of the subnets, until each of them is judged."""
    facts = facts_from(case.incident, case.answers, now, network_from=networks.of)
    if isinstance(facts.task_interface, Known):
        return facts
    possible = _possible(case, facts)
    return _with_interface(facts, possible[0]) if possible else facts


def _in_each_subnet(case: _Case, now: datetime, networks: Networks) -> tuple[Facts, ...]:
    facts = _facts(case, now, networks)
    possible = _possible(case, facts)
    return tuple(_with_interface(facts, one) for one in possible) or (facts,)


def _possible(case: _Case, facts: Facts) -> tuple[Interface, ...]:
    definition = facts.task_definition.value if isinstance(facts.task_definition, Known) else None
    if isinstance(facts.task, Known) or (definition and definition.network_mode in HOST_MODES):
        return ()
    return possible_interfaces(facts, case.answers)


def _with_interface(facts: Facts, interface: Interface) -> Facts:
    known = Known(interface, "ecs:DescribeServices")
    return replace(facts, task_interface=vpc.with_default_group(known, facts.networks))
