"""The role of the container instance that a task ran on: its instance profile's, which pulls images on EC2.

Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/instance_IAM_role.html
"""

from ecs_medic.aws.call import Call
from ecs_medic.collect.question import Answers, Questions, answer_to
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import NOT_READ, Absent, Fact, Known, Unknown
from ecs_medic.facts.reading import Json, mapping, mappings, text
from ecs_medic.needs.carriers import EC2, launch_type


def questions(facts: Facts, answers: Answers) -> Questions:
    """The instance, and then the profile that it runs with; nothing where the host's role carries no need."""
    instance = _instance(facts)
    if launch_type(facts) != EC2 or instance is None:
        return {}
    asked: Questions = {("instance", instance): Call("ec2", "DescribeInstances", {"InstanceIds": [instance]})}
    profile = _profile(instance, answers)
    if isinstance(profile, Known):
        asked |= profile_question(profile.value)
    return asked


def profile_question(arn: str) -> Questions:
    """The instance profile of that ARN, with its role."""
    return {
        ("instance_profile", arn): Call("iam", "GetInstanceProfile", {"InstanceProfileName": arn.rsplit("/", 1)[-1]})
    }


def host_role_from(facts: Facts, answers: Answers) -> Fact[str]:
    """The ARN of the role; absent where the instance runs without one."""
    instance = _instance(facts)
    profile = _profile(instance, answers) if instance else NOT_READ
    return role_of_profile(profile.value, answers) if isinstance(profile, Known) else profile


def role_of_profile(arn: str, answers: Answers) -> Fact[str]:
    """The ARN of the profile's role; absent where there is no such profile, or no role in it."""
    answer = answer_to(answers, "instance_profile", arn)
    if not isinstance(answer, Known):
        return answer
    found = next(
        (role for one in mappings(mapping(answer.value, "InstanceProfile"), "Roles") if (role := text(one, "Arn"))),
        None,
    )
    return (
        Absent(answer.source, f"instance profile {arn} has no role") if found is None else Known(found, answer.source)
    )


def instances_in(answer: Json) -> tuple[Json, ...]:
    """The instances of an answer of DescribeInstances, out of their reservations."""
    return tuple(one for reservation in mappings(answer, "Reservations") for one in mappings(reservation, "Instances"))


def _instance(facts: Facts) -> str | None:
    return facts.container_instance.value.ec2_instance_id if isinstance(facts.container_instance, Known) else None


def _profile(instance: str, answers: Answers) -> Fact[str]:
    answer = answer_to(answers, "instance", instance)
    if not isinstance(answer, Known):
        return answer
    described = next(iter(instances_in(answer.value)), None)
    if described is None:
        return Unknown(answer.source, f"the answer does not hold {instance}")
    arn = text(mapping(described, "IamInstanceProfile"), "Arn")
    return (
        Absent(answer.source, f"{instance} runs without an instance profile")
        if arn is None
        else Known(arn, answer.source)
    )
