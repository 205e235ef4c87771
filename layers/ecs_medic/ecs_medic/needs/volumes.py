"""The EBS volumes that ECS creates for a task, and the infrastructure role with which it does.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html
"""

from collections.abc import Iterator

from ecs_medic.facts import Facts, Known
from ecs_medic.facts.ecs import Attachment, Task

EBS = "amazonelasticblockstorage"
"""The attachment's type, in lower case."""
NEEDED = ("ec2:CreateVolume", "ec2:CreateTags", "ec2:DescribeVolumes", "ec2:AttachVolume")
"""Without these no volume is attached; without ec2:DetachVolume and ec2:DeleteVolume none is cleaned up."""


def volumes_of(task: Task) -> tuple[Attachment, ...]:
    """The task's EBS volumes, as attachments."""
    return tuple(one for one in task.attachments if one.type.lower() == EBS)


def infrastructure_roles(facts: Facts) -> tuple[str, ...]:
    """The ARNs of the roles that the task's volumes name, else those that its deployment gives all its tasks."""
    task = facts.task.value if isinstance(facts.task, Known) else None
    named = [arn for one in volumes_of(task) if (arn := one.details.get("roleArn"))] if task else []
    return tuple(dict.fromkeys(named or _of_deployment(task, facts)))


def _of_deployment(task: Task | None, facts: Facts) -> Iterator[str]:
    if not isinstance(facts.service, Known):
        return
    started_by = task.started_by if task else None
    deployments = facts.service.value.deployments
    own = [one for one in deployments if one.id == started_by]
    if not own and (started_by or "").startswith("ecs-svc/"):
        # Its deployment is gone, and another one may have another role.
        return
    for deployment in own or deployments:
        yield from deployment.volume_role_arns


def volume_calls(facts: Facts) -> tuple[tuple[str, str], ...]:
    """(action, resource) of what the role must be allowed; any volume stands for the one that is not there yet."""
    volume = f"arn:{facts.partition}:ec2:{facts.region}:{facts.account}:volume/vol-00000000000000000"
    return tuple((action, volume) for action in NEEDED)
