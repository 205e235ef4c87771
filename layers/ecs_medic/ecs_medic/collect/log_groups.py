"""The log groups that the task definition's awslogs drivers write to."""

from ecs_medic.aws.call import Call
from ecs_medic.collect.logs import log_group_from_answer
from ecs_medic.collect.question import Answers, Questions, answer_to
from ecs_medic.facts import Facts
from ecs_medic.facts.ecs import TaskDefinition
from ecs_medic.facts.fact import Fact, Known
from ecs_medic.facts.logs import LogGroup

_PAGE = 50


def named_log_groups(definition: TaskDefinition, home: str) -> tuple[tuple[str, str], ...]:
    """(Region, name) of each group: where the definition says, and also at home where it says elsewhere."""
    found: dict[tuple[str, str], None] = {}
    for container in definition.containers:
        configuration = container.log_configuration
        if configuration is None or configuration.driver != "awslogs":
            continue
        name = configuration.options.get("awslogs-group")
        if name:
            found[configuration.options.get("awslogs-region") or home, name] = None
            found[home, name] = None
    return tuple(found)


def questions(definition: TaskDefinition, home: str) -> Questions:
    """One call for each group: nothing looks one up by its exact name."""
    return {
        ("log_group", region, name): Call(
            "logs", "DescribeLogGroups", {"logGroupNamePrefix": name, "limit": _PAGE}, region=region
        )
        for region, name in named_log_groups(definition, home)
    }


def log_groups_from(facts: Facts, answers: Answers) -> dict[tuple[str, str], Fact[LogGroup]]:
    """Each group that was asked for."""
    if not isinstance(facts.task_definition, Known):
        return {}
    return {
        (region, name): log_group_from_answer(answer_to(answers, "log_group", region, name), name, region)
        for region, name in named_log_groups(facts.task_definition.value, facts.region)
        if ("log_group", region, name) in answers
    }
