"""The cluster's container instances: who is there, what they have left, and which attributes they offer.

Source: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeContainerInstances.html
"""

from collections.abc import Iterator

from ecs_medic.aws.call import Call
from ecs_medic.collect.ecs import container_instance_from
from ecs_medic.collect.question import Answers, Questions, answer_to
from ecs_medic.facts.ecs import ContainerInstance
from ecs_medic.facts.fact import Fact, Known, Unknown
from ecs_medic.facts.reading import mappings, texts

_MOST_DESCRIBED = 100
"""DescribeContainerInstances takes no more at once."""
_MOST_BATCHES = 3
"""Of a larger cluster this many hundred are read: then it is not known whether none fits."""


def questions(cluster: str, answers: Answers) -> Questions:
    """All instances by ARN, then what each of them is."""
    asked: Questions = {
        ("container_instances",): Call(
            "ecs", "ListContainerInstances", {"cluster": cluster}, items="containerInstanceArns"
        )
    }
    for number, arns in enumerate(_batches(answers)):
        asked["container_instances", str(number)] = Call(
            "ecs", "DescribeContainerInstances", {"cluster": cluster, "containerInstances": list(arns)}
        )
    return asked


def container_instances_from(answers: Answers) -> Fact[tuple[ContainerInstance, ...]]:
    """All instances of the cluster, or why not all of them are known."""
    listed = answer_to(answers, "container_instances")
    if not isinstance(listed, Known):
        return listed
    found: list[ContainerInstance] = []
    for number, _ in enumerate(_batches(answers)):
        described = answer_to(answers, "container_instances", str(number))
        if not isinstance(described, Known):
            return described
        found.extend(container_instance_from(item) for item in mappings(described.value, "containerInstances"))
    many = len(texts(listed.value, "containerInstanceArns"))
    if many > _MOST_DESCRIBED * _MOST_BATCHES:
        return Unknown(listed.source, f"{many} container instances: too many to look at each of them")
    return Known(tuple(found), "ecs:DescribeContainerInstances" if found else listed.source)


def _batches(answers: Answers) -> Iterator[tuple[str, ...]]:
    listed = answer_to(answers, "container_instances")
    arns = texts(listed.value, "containerInstanceArns") if isinstance(listed, Known) else ()
    for start in range(0, min(len(arns), _MOST_DESCRIBED * _MOST_BATCHES), _MOST_DESCRIBED):
        yield arns[start : start + _MOST_DESCRIBED]
