"""What everything that a verification makes is called: by these names, and this tag, it is found again and removed."""

NAME = "ecs-medic-verify"
"""Of the stack, the cluster, the repository, the trail, and the beginning of every other name."""

TAG = "ecs-medic-verify"
"""Key of the tag on whatever can have one; its value says nothing."""
REGION_TAG = "ecs-medic-verify-region"
"""Key of the tag on the roles, which belong to no Region: in which one the rest of the run is."""

LOG_GROUP = f"/{NAME}"
BROKEN = "orders"
"""The service that cannot start."""
PROBE = "probe"
"""The service that lists where the agent of ECS Exec is, and to which a session is refused for want of an endpoint."""
FAMILIES = (f"{NAME}-{BROKEN}", f"{NAME}-{PROBE}")
EXECUTION_ROLE = f"{NAME}-execution"
TASK_ROLE = f"{NAME}-task"
STRANGER_ROLE = f"{NAME}-stranger"
"""The role that may do nothing, whose calls are refused."""
ROLES = (EXECUTION_ROLE, TASK_ROLE, STRANGER_ROLE)
SECRET = f"{NAME}/slack"
RULES = (f"{NAME}-ecs", f"{NAME}-ecr")
QUEUE = f"{NAME}-heard"


def bucket(account: str, region: str) -> str:
    """The bucket of the trail and of what is deployed: names of buckets are everybody's."""
    return f"{NAME}-{account}-{region}"
