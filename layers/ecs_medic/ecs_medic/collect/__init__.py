"""Reads what a diagnosis needs, in waves: each wave asks, all at once, whatever the one before made it possible to ask.

On Fargate an event names nearly everything, so that the second wave reads the VPC, the role and the log groups, and a
third the role's policies. A read that fails leaves its fact unknown and the rest goes on.
"""

from dataclasses import replace
from datetime import datetime

from ecs_medic.aws.reader import Reader
from ecs_medic.collect import interfaces, log_groups, resource_policies, roles, task, vpc
from ecs_medic.collect.question import Answers, Questions
from ecs_medic.collect.scope import Scope, scope_of
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.incident import Incident
from ecs_medic.needs.derive import blocking_needs, is_about_exec, needs_of
from ecs_medic.needs.need import Carrier, Need

_MOST_WAVES = 8
"""More than the longest chain of questions: a bound, not a budget."""


def collect(incident: Incident, reader: Reader, now: datetime) -> Facts:
    """Everything that this incident's rules ask for, as far as AWS tells.

    Raises:
        AwsUnavailable: the credentials are missing, expired or refused, or nothing of AWS answers at all.
    """
    scope = scope_of(incident)
    answers: Answers = {}
    facts = _facts(incident, answers, now)
    for _ in range(_MOST_WAVES):
        open_questions = {
            key: call for key, call in _questions(incident, scope, facts, answers).items() if key not in answers
        }
        if not open_questions:
            break
        answers = {**answers, **reader.together(open_questions)}
        facts = _facts(incident, answers, now)
    reader.ensure_reached()
    failed = tuple(dict.fromkeys(answer for answer in answers.values() if isinstance(answer, Unknown)))
    return replace(facts, calls=reader.calls, failed_reads=failed)


def _questions(incident: Incident, scope: Scope, facts: Facts, answers: Answers) -> Questions:
    """Every question that can be put now, whether or not it has been answered."""
    asked = task.questions(incident, facts)
    if scope.network:
        asked |= interfaces.questions(facts, answers)
    if any(key not in answers for key in (("task",), ("definition",), ("cluster",)) if key in asked):
        # What the task needs, and so what else is worth reading, is not settled before these have answered.
        return asked
    needs = _needs(incident, facts)
    if scope.network:
        for identifier in _vpcs(facts, needs):
            asked |= vpc.questions(identifier)
        asked |= vpc.questions_about_prefix_lists(facts)
    asked |= roles.questions(roles.requests_of(filter(scope.asks_about_role_of, needs)), answers)
    if scope.trust:
        asked |= roles.trust_questions(_role_arns(facts))
    if scope.logs and isinstance(facts.task_definition, Known):
        asked |= log_groups.questions(facts.task_definition.value, facts.region)
    return asked


def _facts(incident: Incident, answers: Answers, now: datetime) -> Facts:
    """What the answers so far amount to."""
    facts = Facts(read_at=now, account=incident.account, region=incident.region, partition=incident.partition)
    facts = interfaces.with_interfaces(task.with_task(facts, incident, answers), answers)
    networks = {key[1]: vpc.network_from(key[1], answers) for key in answers if key[0] == "vpc"}
    arns = {key[1] for key in answers if key[0] in {"role", "simulation"}}
    return replace(
        facts,
        task_interface=vpc.with_default_group(facts.task_interface, networks),
        host_interface=vpc.with_default_group(facts.host_interface, networks),
        networks=networks,
        roles={arn: roles.role_from(arn, answers) for arn in sorted(arns)},
        log_groups=log_groups.log_groups_from(facts, answers),
        resource_policies=resource_policies.resource_policies_from(answers),
    )


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
