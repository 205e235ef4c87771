"""Rows of the area *normal life*, and of the honest answer `unknown`."""

from ecs_medic.catalogue import documents as doc
from ecs_medic.catalogue.row import Remedy, Row
from ecs_medic.vocabulary import Id

_NOTHING = "Nothing needs to be done."

ROWS = (
    Row(
        id=Id.HEALTHY,
        title="Nothing is wrong",
        meaning="The service or task was looked at on demand: it runs, and ECS itself shows no trouble with it.",
        fix=_NOTHING,
        remedy=Remedy.IGNORE,
        documentation=(doc.TASK_API,),
    ),
    Row(
        id=Id.SERVICE_SCALE_IN,
        title="The scheduler stopped a task that it no longer needs",
        meaning=(
            "The service was scaled in, or a deployment replaced the task. The container gets SIGTERM and, when it "
            "does "
            "not end in time, SIGKILL; exit codes 143 and 137 are therefore usual here."
        ),
        fix=_NOTHING,
        remedy=Remedy.IGNORE,
        documentation=(doc.ROLLING, doc.STOPPED_VIEW),
    ),
    Row(
        id=Id.STOPPED_BY_USER,
        title="A person or a program stopped the task",
        meaning="Somebody called StopTask. CloudTrail says who; the reason is what the caller wrote.",
        fix=_NOTHING,
        remedy=Remedy.IGNORE,
        documentation=(doc.TASK_API,),
    ),
    Row(
        id=Id.SPOT_INTERRUPTION,
        title="AWS took the Spot capacity back",
        meaning=(
            "Tasks on Fargate Spot and on Spot instances can be interrupted with two minutes' notice. The service "
            "starts "
            "another one where there is capacity."
        ),
        fix="Nothing, as long as the application bears it; else mix in capacity that is not Spot.",
        remedy=Remedy.IGNORE,
        documentation=(doc.SPOT_ERRORS, doc.FARGATE_CAPACITY),
    ),
    Row(
        id=Id.HOST_TERMINATED,
        title="The instance under the task went away",
        meaning=(
            "The EC2 instance was stopped or terminated, by scaling, by a person or by AWS, and its tasks with it."
        ),
        fix="Nothing, as long as the service has found another place; else see who terminated the instance.",
        remedy=Remedy.IGNORE,
        documentation=(doc.STOPPED_VIEW,),
    ),
    Row(
        id=Id.INSTANCE_DEREGISTERED,
        title="The container instance was taken out of the cluster",
        meaning="Somebody deregistered the instance by force, which stops the tasks that ECS runs on it.",
        fix=_NOTHING,
        remedy=Remedy.IGNORE,
        documentation=(doc.STOPPED_VIEW,),
    ),
    Row(
        id=Id.TASK_RETIREMENT,
        title="AWS retires or patches the host of the task",
        meaning=(
            "AWS keeps the platform under Fargate and Managed Instances up to date by replacing tasks, announced "
            "beforehand, and takes failing hosts out of use."
        ),
        fix="Nothing for a service; start a standalone task again.",
        remedy=Remedy.IGNORE,
        documentation=(doc.RETIREMENT,),
    ),
    Row(
        id=Id.NORMAL_COMPLETION,
        title="The task ended as it should, with exit code 0",
        meaning=(
            "A standalone task did its work and ended. ECS words that like a failure: `Essential container in task "
            "exited`. In a service the same exit would be a fault."
        ),
        fix=_NOTHING,
        remedy=Remedy.IGNORE,
        candidates=(Id.APP_EXITED,),
        documentation=(doc.STOPPED_CODES,),
    ),
    Row(
        id=Id.NORMAL_OPERATION,
        title="An informative service event",
        meaning="The service says what it does: starting and stopping tasks, registering targets, reaching its "
        "steady state.",
        fix=_NOTHING,
        remedy=Remedy.IGNORE,
        documentation=(doc.SERVICE_EVENTS, doc.SERVICE_ACTIONS),
    ),
    Row(
        id=Id.AZ_REBALANCING,
        title="The service evens out its tasks over the zones",
        meaning="Availability Zone rebalancing starts tasks in zones that have too few, and then stops some elsewhere.",
        fix=_NOTHING,
        remedy=Remedy.IGNORE,
        documentation=(doc.REBALANCING,),
    ),
    Row(
        id=Id.UNHEALTHY_TASKS_REPLACED,
        title="The scheduler replaced unhealthy tasks",
        meaning=(
            "The service started a healthy task and then stopped an unhealthy one. The failed health check itself "
            "has an "
            "event of its own."
        ),
        fix="Nothing, unless it repeats; then look at the failed health checks.",
        remedy=Remedy.IGNORE,
        documentation=(doc.SERVICE_EVENTS, doc.LOAD_BALANCERS),
    ),
    Row(
        id=Id.UNKNOWN,
        title="The cause is not known",
        meaning=(
            "The message matches nothing that is known, or the evidence contradicts every cause. It is an honest "
            "answer: "
            "what was ruled out and what could not be checked is part of it."
        ),
        fix="Read AWS's own words and the container's last log lines, and look at what could not be checked.",
        documentation=(doc.STOPPED_VIEW, doc.STOPPED_CODES),
    ),
)
