"""How much of AWS's time one diagnosis takes: at most 20 calls, and few that wait for one another.

What is beyond that is not read, and says so. The check of the credentials' account and the once-an-environment look at
CloudTrail's trails are no part of it; the question which task an event is about counts as a call, not as a wave.
"""

from ecs_medic.aws.call import Call
from ecs_medic.facts import Facts
from ecs_medic.facts.fact import Known, Unknown
from ecs_medic.incident import Incident
from ecs_medic.needs.carriers import FARGATE, launch_type

MOST_CALLS = 20
_MOST_WAVES = 3
_MOST_WAVES_WITH_INSTANCES = 5
"""On EC2 and Managed Instances: which instance, and what it runs with, has to be found out first."""


def most_waves(incident: Incident, facts: Facts) -> int:
    """How often a diagnosis waits for AWS, as far as it is known by now what the task runs on."""
    launch = launch_type(facts) or (incident.launch_type or "").upper()
    service = facts.service.value if isinstance(facts.service, Known) else None
    on_instances = launch != FARGATE if launch else service is not None and service.on_fargate is False
    return _MOST_WAVES_WITH_INSTANCES if on_instances else _MOST_WAVES


def has_few_waves(incident: Incident, facts: Facts) -> bool:
    """Whether nothing has to be found out about instances first, so that there is less waiting."""
    return most_waves(incident, facts) == _MOST_WAVES


def beyond_the_calls(call: Call) -> Unknown:
    """The answer to a question for which no call is left."""
    return Unknown(call.name, f"not read: a diagnosis makes at most {MOST_CALLS} AWS calls")


def beyond_the_waves(call: Call, waves: int) -> Unknown:
    """The answer to a question that comes up when there is no more waiting."""
    return Unknown(call.name, f"not read: a diagnosis waits for AWS {waves} times at most")
