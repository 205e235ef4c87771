"""The infrastructure role of the task's EBS volumes: whether ECS may assume it, and what it may do.

The simulation is told of the tags that ECS gives every volume, since AWS's own policy for this role asks for them.
Source: https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonECSInfrastructureRolePolicyForVolumes.html
"""

from dataclasses import replace

from ecs_medic.collect import roles
from ecs_medic.collect.question import Answers, Questions
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known
from ecs_medic.needs.volumes import infrastructure_roles, volume_calls


def questions(facts: Facts, answers: Answers) -> Questions:
    """Trust and simulation together; every policy where the simulation does not allow everything."""
    own = [arn for arn in infrastructure_roles(facts) if arn.split(":")[4:5] == [facts.account]]
    asked: Questions = roles.trust_questions(own, facts.account)
    asked |= roles.questions({arn: volume_calls(facts) for arn in own}, answers)
    for arn in own:
        simulation = asked["simulation", arn]
        asked["simulation", arn] = replace(simulation, params={**simulation.params, "ContextEntries": _context(facts)})
    return asked


def _context(facts: Facts) -> list[dict[str, object]]:
    task = facts.task.value.arn if isinstance(facts.task, Known) else ""
    known = {
        "aws:RequestTag/AmazonECSManaged": "true",
        "aws:RequestTag/AmazonECSCreated": task or f"arn:{facts.partition}:ecs:{facts.region}:{facts.account}:task/-",
        "aws:ResourceTag/AmazonECSManaged": "true",
        "ec2:CreateAction": "CreateVolume",
    }
    return [
        {"ContextKeyName": name, "ContextKeyValues": [value], "ContextKeyType": "string"}
        for name, value in known.items()
    ]
