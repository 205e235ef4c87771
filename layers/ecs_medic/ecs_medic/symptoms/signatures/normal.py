"""Normal life: what needs no alert. These come last among equals, so that a failure in the same words is not lost."""

from ecs_medic.incident import Kind
from ecs_medic.symptoms.signature import Signature, Specificity
from ecs_medic.vocabulary import Id

_PREFIX, _STAGE, _FAMILY, _CAUSE = Specificity.PREFIX, Specificity.STAGE, Specificity.FAMILY, Specificity.CAUSE
_EVENT = frozenset({Kind.SERVICE_EVENT, Kind.ON_DEMAND})

SIGNATURES = (
    Signature(
        Id.SERVICE_SCALE_IN, "scaling activity initiated by", "the scheduler stops a task it no longer needs", _CAUSE
    ),
    Signature(
        Id.SERVICE_SCALE_IN,
        "container instance is in draining",
        "the scheduler moves tasks away from an instance that is being drained",
        _STAGE,
        certain=False,
    ),
    Signature(
        Id.SPOT_INTERRUPTION,
        "{spot task was interrupted|spotinterruption|spot instance interruption|spot interruption|spot task is "
        "interrupted}",
        "Spot capacity was taken back",
        _CAUSE,
    ),
    Signature(
        Id.TASK_RETIREMENT,
        "{performing maintenance on the underlying infrastructure|task retirement|scheduled for retirement"
        "|retirement of the underlying|scheduled maintenance|infrastructurehealth|host maintenance"
        "|retired by aws|underlying infrastructure}",
        "AWS retires or patches the host",
        _CAUSE,
    ),
    Signature(
        Id.HOST_TERMINATED,
        "host ec2 … {terminated|stopped|hibernated|shut down|shutting down|unreachable}",
        "the instance under the task is gone",
        _CAUSE,
    ),
    Signature(
        Id.HOST_TERMINATED,
        "{container instance|ec2 instance} … {was terminated|has been terminated|is terminated|terminated.}",
        "the instance under the task is gone",
        _STAGE,
        certain=False,
    ),
    Signature(
        Id.INSTANCE_DEREGISTERED,
        "{container instance deregist|instance deregistration forced|container instance was deregistered"
        "|container instance has been deregistered|deregistered container instance|instance was deregistered}",
        "somebody took the instance out of the cluster",
        _CAUSE,
    ),
    Signature(
        Id.AZ_REBALANCING,
        "{az rebalancing|availability zone rebalancing|is not az balanced|az balanced|availability zone re-balancing"
        "|az_rebalancing|azrebalance}",
        "the scheduler evens out the zones",
        _CAUSE,
    ),
    Signature(
        Id.UNHEALTHY_TASKS_REPLACED,
        "{replaced|replacing} … {unhealthy|due to an unhealthy status}",
        "the scheduler says that it replaces unhealthy tasks",
        _CAUSE,
        kinds=_EVENT,
    ),
    Signature(
        Id.STOPPED_BY_USER,
        "{task stopped by user|stopped by (user|stopped by user|userinitiated|user initiated"
        "|stopped by the user|user stopped}",
        "a person or a program called StopTask",
        _FAMILY,
    ),
    Signature(
        Id.NORMAL_OPERATION,
        "{has reached a steady state|reached a steady state|service_steady_state|taskset_steady_state"
        "|updated state to steady_state"
        "|capacity_provider_steady_state|service_desired_count_updated|tasks_stopped|service_deployment_in_progress"
        "|service_deployment_completed|service_service_revision|capacity provider steady state}",
        "the service is as it should be",
        _FAMILY,
        kinds=_EVENT,
    ),
    Signature(
        Id.NORMAL_OPERATION,
        "{has started|registered|deregistered|has stopped|updated|successfully set} … "
        "{tasks|targets|target|instances in (elb|task (|pending tasks|running tasks|running count"
        "|computeddesiredcount|desired count}",
        "the scheduler says what it does",
        _STAGE,
        kinds=_EVENT,
        unless=("{fail|unable|unhealthy|error|not registered|not found|could not|cannot}",),
    ),
    Signature(
        Id.NORMAL_OPERATION,
        "stopped … {pending tasks|running tasks}",
        "the scheduler says what it does",
        _STAGE,
        kinds=_EVENT,
        unless=("{fail|unable|unhealthy|error|could not|cannot}",),
    ),
    Signature(
        Id.NORMAL_OPERATION,
        "{begun draining|draining connections|has begun draining}",
        "the scheduler takes targets out of service",
        _STAGE,
        kinds=_EVENT,
    ),
    Signature(
        Id.NORMAL_OPERATION,
        "deployment … {completed|in progress|is in progress|created|succeeded}",
        "a deployment goes on, or is done",
        _STAGE,
        kinds=_EVENT,
        unless=("{fail|rollback|rolling back|unable|error|circuit breaker}",),
    ),
)
