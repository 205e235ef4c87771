"""Reads what a diagnosis needs, in waves: each wave asks, all at once, whatever the one before made it possible to ask.

On Fargate an event names nearly everything, so that the second wave reads the VPC, the role and the log groups, and a
third the role's policies. A read that fails leaves its fact unknown and the rest goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import count, islice

from ecs_medic.aws.reader import Answer, Reader
from ecs_medic.collect import (
    capacity,
    exec_audit,
    exec_caller,
    exec_key,
    file_systems,
    host_role,
    images,
    interfaces,
    log_groups,
    log_tail,
    prefix_lists,
    refused_call,
    resource_policies,
    roles,
    secrets,
    target_health,
    task,
    volumes,
    vpc,
)
from ecs_medic.collect.budget import MOST_CALLS, beyond_the_calls, beyond_the_waves, has_few_waves, most_waves
from ecs_medic.collect.identify import Identified, identify
from ecs_medic.collect.more_simulations import with_more_simulations
from ecs_medic.collect.networks import Networks
from ecs_medic.collect.question import Answers, Key, Questions
from ecs_medic.collect.scope import Scope, scope_of
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.facts.network import Network
from ecs_medic.facts.secrets import UNKNOWN_SUFFIX
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import blocking_needs, is_about_exec, needs_of
from ecs_medic.needs.need import Carrier, Need, Purpose
from ecs_medic.vocabulary import Id

_REFUSALS = frozenset(
    {
        Id.EXECUTION_ROLE_CANNOT_PULL,
        Id.EXECUTION_ROLE_CANNOT_READ_SECRET,
        Id.EXECUTION_ROLE_CANNOT_READ_PARAMETER,
    }
)
"""Symptoms that are AWS's own refusal of a call. Of a key's, its own questions see to it."""


def collect(incident: Incident, reader: Reader, now: datetime) -> Facts:
    """Everything that this incident's rules ask for, as far as AWS tells.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused, or nothing of AWS answers at all.
    """
    return collect_for(identify(incident, reader), reader, now).facts


@dataclass(frozen=True, slots=True)
class Last:
    """What is asked last: `questions` that belong to the diagnosis, and `beside` it what somebody else wants to know.

    What is asked beside takes no call from the diagnosis, is no part of its facts, and waits with it.
    """

    questions: Questions = field(default_factory=dict)
    beside: Questions = field(default_factory=dict)


type Also = Callable[[Facts, bool], Last]
"""What is asked last, by what has been read; the flag says whether the facts are still provisional."""


@dataclass(frozen=True, slots=True)
class Collected:
    """The facts, and the answers that they are made of, those to the last questions among them."""

    facts: Facts
    answers: Answers
    beside: Answers = field(default_factory=dict)
    """The answers to what was asked beside the diagnosis."""


def collect_for(identified: Identified, reader: Reader, now: datetime, *, also: Also = lambda *_: Last()) -> Collected:
    """Everything that this incident's rules ask for, and what is asked `also`, within the bounds of a diagnosis.

    What is asked also comes with the last wave that is left, or after everything else has been answered, and as far as
    there is room. What the rules ask for and there is no room for is unknown, and says so.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused, or nothing of AWS answers at all.
    """
    incident = identified.incident
    scope = scope_of(incident)
    answers = dict(identified.answers)
    left = MOST_CALLS - identified.calls
    networks = Networks()
    aside: dict[Key, Fact[Answer]] = {}
    for wave in count(identified.waves + 1):
        facts = facts_from(incident, answers, now, network_from=networks.of)
        most = most_waves(incident, facts)
        wanted = _unanswered(questions_about(incident, scope, facts, answers), answers)
        if wave > most:
            answers |= {key: beyond_the_waves(call, most) for key, call in wanted.items()}
            break
        answers |= {key: beyond_the_calls(call) for key, call in islice(wanted.items(), left, None)}
        last = not wanted or wave == most
        more = also(facts, bool(wanted)) if last else Last()
        asked = dict(islice((wanted | _unanswered(more.questions, answers)).items(), left))
        found = reader.together(asked | more.beside)
        answers |= {key: found[key] for key in asked}
        aside |= {key: found[key] for key in more.beside}
        left -= len(asked)
        if not wanted:
            break
    reader.ensure_reached()
    facts = facts_from(incident, answers, now, network_from=networks.of)
    elsewhere = {one for one in aside.values() if isinstance(one, Unknown)}.difference(
        one for one in answers.values() if isinstance(one, Unknown)
    )
    failed = tuple(one for one in reader.failures if one not in elsewhere)
    return Collected(replace(facts, calls=reader.calls, failed_reads=failed), answers, aside)


def _unanswered(questions: Questions, answers: Answers) -> Questions:
    return {key: call for key, call in questions.items() if key not in answers}


def questions_about(incident: Incident, scope: Scope, facts: Facts, answers: Answers) -> Questions:
    """Every question that can be put now, whether or not it has been answered; the most telling first."""
    if incident.refused_call is not None:
        # Whoever called is in question, and nothing that runs.
        return refused_call.questions(incident, facts, answers)
    asked = task.questions(incident, facts, cluster=scope.cluster)
    if scope.network or scope.subnet or scope.targets or scope.mount_targets:
        asked |= interfaces.questions(facts, answers, host=_may_use_the_hosts_interface(incident, facts))
    if scope.host_role:
        asked |= host_role.questions(facts, answers)
    if scope.capacity:
        asked |= capacity.questions(incident, facts, answers, scope.capacity)
    if any(key not in answers for key in (("task",), ("definition",), ("cluster",)) if key in asked):
        # What the task needs, and so what else is worth reading, is not settled before these have answered.
        return asked
    needs = _needs(incident, facts)
    about_secrets = secrets.questions(scope, incident, facts, answers)
    requests = roles.requests_of(filter(scope.asks_about_role_of, needs), facts.account)
    asked |= _questions_about_life(scope, facts)
    asked |= exec_key.questions(incident, facts) | exec_audit.questions(incident, facts, answers)
    asked |= exec_caller.questions(incident, facts, answers)
    # What a role may do is then known too late to wait for it with the network.
    simulated_last = _arns_are_coming(needs, about_secrets, answers) and has_few_waves(incident, facts)
    if _arns_are_coming(needs, about_secrets, answers) or exec_key.is_coming(incident, facts, answers):
        asked |= roles.list_questions(requests)
    else:
        asked |= roles.questions(
            requests,
            answers,
            refused=incident.symptom in _REFUSALS,
            lists_first=_is_worth_a_wave(incident, facts),
        )
    if scope.trust:
        asked |= roles.trust_questions(_role_arns(facts), facts.account)
    if scope.volumes:
        asked |= volumes.questions(facts, answers)
    if scope.logs and isinstance(facts.task_definition, Known):
        asked |= log_groups.questions(facts.task_definition.value, facts.region)
    if scope.images:
        asked |= images.questions(incident, facts, answers)
    if scope.network and not (
        secrets.files_explain_it(incident, facts, answers)
        or (scope.only_endpoint_policy and not simulated_last and roles.explain_it(requests, answers))
    ):
        asked |= _questions_about_the_way(incident, facts, needs)
    return asked | about_secrets


def _questions_about_the_way(incident: Incident, facts: Facts, needs: tuple[Need, ...]) -> Questions:
    """The VPCs; of a session's, the NAT gateways only once a route leads there, since its role is asked about too."""
    asked: Questions = {}
    for identifier in _vpcs(facts, needs):
        around = facts.networks.get(identifier, Network(identifier))
        asked |= vpc.questions_around(around) if is_about_exec(incident) else vpc.questions(identifier)
    asked |= prefix_lists.questions_on_the_way(facts)
    return asked | vpc.questions_about_hosted_zones(facts, needs)


def _may_use_the_hosts_interface(incident: Incident, facts: Facts) -> bool:
    """Whether the container instance's interface can matter: to a session only where the task has none of its own."""
    if not is_about_exec(incident):
        return True
    definition = facts.task_definition
    return isinstance(definition, Known) and definition.value.network_mode in interfaces.HOST_MODES


def _is_worth_a_wave(incident: Incident, facts: Facts) -> bool:
    """Whether to ask for the names of a role's policies before it is known that they matter.

    Not where no message makes the role a suspect, and not where there are waves to spare.
    """
    if incident.symptom is Id.UNKNOWN:
        return False
    return has_few_waves(incident, facts) or not is_about_exec(incident)


def _arns_are_coming(needs: tuple[Need, ...], about_secrets: Questions, answers: Answers) -> bool:
    """Whether Secrets Manager has yet to tell the whole ARN of a secret, which a simulation is asked about."""
    if not any(resource.endswith(UNKNOWN_SUFFIX) for need in needs for resource in need.resources):
        return False
    return any(key[0] == "secret" and key not in answers for key in about_secrets)


def _questions_about_life(scope: Scope, facts: Facts) -> Questions:
    """What a task says of itself, what its load balancer says of it, and what it mounts."""
    asked: Questions = log_tail.questions(facts) if scope.log_tail else {}
    if scope.targets:
        asked |= target_health.questions(facts)
        for identifier in target_health.vpc_ids(facts):
            asked |= vpc.questions_about_inside(identifier, names=False)
    if (scope.mount_targets or scope.file_system_access) and isinstance(facts.task_definition, Known):
        definition = facts.task_definition.value
        asked |= file_systems.questions(definition, network=scope.mount_targets, access=scope.file_system_access)
        if scope.mount_targets and definition.efs_volumes:
            for identifier in _vpcs(facts, _needs_of_mounts(facts)):
                asked |= vpc.questions_about_inside(identifier, names=True)
                asked |= file_systems.questions_about_interfaces(identifier)
    if scope.targets or scope.mount_targets:
        asked |= prefix_lists.questions_on_the_way(facts)
    return asked


def _needs_of_mounts(facts: Facts) -> tuple[Need, ...]:
    return tuple(need for need in needs_of(facts) if need.purpose is Purpose.FILE_SYSTEM)


def facts_from(
    incident: Incident,
    answers: Answers,
    now: datetime,
    *,
    network_from: Callable[[str, Answers], Network] = vpc.network_from,
) -> Facts:
    """What the answers so far amount to; `network_from` is asked for each VPC among them."""
    facts = Facts(read_at=now, account=incident.account, region=incident.region, partition=incident.partition)
    facts = interfaces.with_interfaces(task.with_task(facts, incident, answers), answers)
    networks = {key[1]: network_from(key[1], answers) for key in answers if key[0] == "vpc"}
    arns = {key[1] for key in answers if key[0] in {"role", "simulation", "attached"}}
    facts = replace(
        facts,
        task_interface=vpc.with_default_group(facts.task_interface, networks),
        host_interface=vpc.with_default_group(facts.host_interface, networks),
        networks=networks,
        roles={arn: roles.role_from(arn, answers) for arn in sorted(arns)},
        log_groups=log_groups.log_groups_from(facts, answers) | exec_audit.log_groups_from(facts, answers),
        audit_bucket=exec_audit.bucket_from(answers),
        resource_policies=resource_policies.resource_policies_from(answers),
        host_role=host_role.host_role_from(facts, answers),
        placement=capacity.placement_from(answers),
    )
    groups = target_health.target_groups_from(answers)
    facts = replace(
        facts,
        log_tail=log_tail.log_tail_from(facts, answers),
        target_groups=groups,
        targets=target_health.targets_from(answers),
        load_balancers=target_health.load_balancers_from(groups.values(), answers),
        file_systems=file_systems.file_systems_from(facts.task_definition, answers),
        access_points=file_systems.access_points_from(answers),
    )
    facts = replace(
        facts,
        repositories=images.repositories_from(incident, facts, answers)
        | refused_call.repositories_from(incident, answers),
        roles=with_more_simulations(facts.roles, answers),
    )
    return secrets.with_secrets(facts, incident, answers)


def _needs(incident: Incident, facts: Facts) -> tuple[Need, ...]:
    return blocking_needs(incident, needs_of(facts, for_exec=is_about_exec(incident)))


def _vpcs(facts: Facts, needs: tuple[Need, ...]) -> tuple[str, ...]:
    """The VPCs of the interfaces that carry these needs; of all interfaces where no need is known."""
    carriers = {need.carrier for need in needs} or set(Carrier)
    found: dict[str, None] = {}
    for carrier, interface in ((Carrier.TASK, facts.task_interface), (Carrier.HOST, facts.host_interface)):
        if carrier in carriers and isinstance(interface, Known) and interface.value.vpc_id:
            found[interface.value.vpc_id] = None
    return tuple(found)


def _role_arns(facts: Facts) -> tuple[str, ...]:
    """The roles that ECS assumes for the task."""
    definition = facts.task_definition.value if isinstance(facts.task_definition, Known) else None
    started = facts.task.value if isinstance(facts.task, Known) else None
    execution = (started.execution_role_override if started else None) or (
        definition.execution_role_arn if definition else None
    )
    own = (started.task_role_override if started else None) or (definition.task_role_arn if definition else None)
    return tuple(dict.fromkeys(arn for arn in (execution, own) if arn))
