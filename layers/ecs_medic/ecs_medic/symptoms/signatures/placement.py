"""Placement, capacity, load balancers, deployments: mostly what a service's events say."""

from ecs_medic.symptoms.signature import Signature, Specificity
from ecs_medic.vocabulary import Id

_PREFIX, _STAGE, _FAMILY, _CAUSE = Specificity.PREFIX, Specificity.STAGE, Specificity.FAMILY, Specificity.CAUSE
_DECISIVE = Specificity.DECISIVE

SIGNATURES = (
    # Instances and what they have left.
    Signature(
        Id.NO_CONTAINER_INSTANCES,
        "{no container instances were found|no container instances found|no container instance was found"
        "|no registered container instances|there are no container instances|empty capacity provider"
        "|no active instances}",
        "the cluster or capacity provider has no instance",
        _CAUSE,
    ),
    Signature(
        Id.INSUFFICIENT_CPU,
        "{insufficient cpu|resource:cpu|not enough cpu}",
        "no instance has that many CPU units left",
        _CAUSE,
    ),
    Signature(
        Id.INSUFFICIENT_MEMORY,
        "{insufficient memory|resource:memory|not enough memory available}",
        "no instance has that much memory left",
        _CAUSE,
    ),
    Signature(
        Id.INSUFFICIENT_ENI,
        "{resource:eni|insufficient eni|eni attachment points|attachmentlimitexceeded|insufficient network interface"
        "|not enough eni|no available eni}",
        "no instance can take another network interface",
        _CAUSE,
    ),
    Signature(
        Id.HOST_PORT_IN_USE,
        "{is already using a port|resource:ports|already using a port required|not enough ports}",
        "the port on the host is taken",
        _CAUSE,
    ),
    Signature(
        Id.MISSING_ATTRIBUTE,
        "{missing an attribute required|missing attribute|resource:attribute|missing required attribute}",
        "no instance has an attribute that the task definition needs",
        _CAUSE,
    ),
    Signature(
        Id.MISSING_ATTRIBUTE,
        "^{attribute|reason: attribute|reasons: attribute|taskfailedtostart: attribute}{.|}$",
        "the API's word",
        _CAUSE,
    ),
    Signature(
        Id.MISSING_ATTRIBUTE,
        "failures: … reason: attribute{,|]}",
        "the API's word, in the answer of RunTask",
        _CAUSE,
    ),
    Signature(
        Id.ECS_AGENT_DISCONNECTED,
        "{doesn't have the agent connected|does not have the agent connected|encountered error agent"
        "|timed out waiting for amazon ecs agent|ecs agent is disconnected|agent is disconnected|agent disconnected"
        "|agent has been disconnected|agentconnected: false|agent not connected|lost connection with ecs}",
        "the ECS agent of the instance is not connected",
        _CAUSE,
        unless=("{managed agent|executecommand|execute command}",),
    ),
    Signature(
        Id.ECS_AGENT_DISCONNECTED,
        "^{agent|reason: agent|reasons: agent|reasons: [agent]|taskfailedtostart: agent|reason=agent}{.|}$",
        "the API's word for a disconnected agent",
        _CAUSE,
    ),
    Signature(
        Id.ECS_AGENT_DISCONNECTED,
        "failures: … reason: agent{,|]}",
        "the API's word for a disconnected agent, in the answer of RunTask",
        _CAUSE,
    ),
    # Managed Instances.
    Signature(
        Id.MANAGED_INSTANCE_ROLE_MISCONFIGURED,
        "{unable to launch instance|managed instances|infrastructure role|capacity provider} … "
        "{unauthorizedoperation|not authorized to perform|accessdenied|invalid iam instance profile"
        "|must specify an instance profile|must specify an infrastructurerole|infrastructure role arn is invalid"
        "|instance profile role arn is invalid|iam:passrole|instance profile}",
        "ECS may not launch or prepare instances with the roles it was given",
        _CAUSE,
    ),
    Signature(
        Id.QUOTA_EXCEEDED,
        "unable to launch instance … {vcpulimitexceeded|instancelimitexceeded|maxspotinstancecountexceeded"
        "|limitexceeded|limit exceeded}",
        "EC2's own quota stops the launch of an instance",
        _CAUSE,
    ),
    Signature(
        Id.CAPACITY_UNAVAILABLE,
        "{insufficientinstancecapacity|unfulfillablecapacity|insufficient capacity|insufficienthostcapacity"
        "|no instance types satisfy|insufficientcapacity|insufficient instance capacity}",
        "EC2 has none of these instances at this time",
        _FAMILY,
    ),
    Signature(
        Id.CAPACITY_UNAVAILABLE,
        "{could not launch|unable to launch instance|unable to launch any instance|failed to launch instance}",
        "tasks or their instances could not be launched; why is not said",
        _STAGE,
    ),
    # Fargate.
    Signature(
        Id.FARGATE_CAPACITY_UNAVAILABLE,
        "{capacity is unavailable at this time|resource:fargate|capacity is not available at this time"
        "|fargate capacity is unavailable|spot capacity is unavailable|no fargate spot capacity}",
        "Fargate has no capacity in these zones at this time",
        _CAUSE,
    ),
    Signature(
        Id.QUOTA_EXCEEDED,
        "{reached the limit on the number of|configuration is above your limit|vcpulimitexceeded"
        "|networkinterfacelimitexceeded"
        "|servicequotaexceeded|maximum number of tasks|above your limit|limit on the number of vcpus"
        "|limit on the number of tasks|concurrent vcpu|account limit}",
        "a quota of the account is used up",
        _CAUSE,
        unless=("{provisioning|execute sessions|session limit}",),
    ),
    Signature(
        Id.QUOTA_EXCEEDED,
        "limitexceededexception",
        "a quota of the account is used up",
        _STAGE,
        certain=False,
    ),
    Signature(
        Id.PROVISIONING_LIMIT_EXCEEDED,
        "{tasks provisioning capacity limit|provisioning capacity limit was exceeded|provisioning limit}",
        "too many tasks wait for capacity in this cluster",
        _CAUSE,
    ),
    Signature(
        Id.PROVISIONING_LIMIT_EXCEEDED,
        "{limit|too many} … provisioning state",
        "too many tasks wait for capacity in this cluster",
        _CAUSE,
    ),
    Signature(
        Id.API_THROTTLED,
        "{operations are being throttled|throttlingexception|rate exceeded|ecs_operation_throttled|request limit "
        "exceeded"
        "|requestlimitexceeded|service_discovery_operation_throttled|too many concurrent attempts"
        "|toomanyrequestsexception"
        "|throttling: }",
        "AWS throttled the call",
        _FAMILY,
        unless=("toomanyrequests: rate exceeded",),
    ),
    Signature(
        Id.LAUNCH_TYPE_INCOMPATIBLE,
        "{not compatible with the selected compute strategy|does not support launch_type|incompatible launch type"
        "|platformtaskdefinitionincompatibility|requires compatibilities|task definition does not support launch type"
        "|no fargate configuration exists|platformunknownexception|incompatible with the awsvpc network mode"
        "|not compatible with launch type|is not supported for fargate|not supported on fargate}",
        "the task definition and the capacity do not fit each other",
        _CAUSE,
        unless=("execute command",),
    ),
    # The scheduler.
    Signature(
        Id.TASK_START_IMPAIRED,
        "{unable to consistently start tasks|unable to start a task successfully|service_task_start_impaired}",
        "tasks fail to start again and again",
        _CAUSE,
    ),
    Signature(
        Id.DEPLOYMENT_CIRCUIT_BREAKER,
        "{deployment circuit breaker|circuit breaker was triggered|rolling back to|rolled back"
        "|service_deployment_failed"
        "|ecs deployment circuit breaker|circuit breaker: task|deployment rollback|rollback initiated}",
        "a deployment failed, or is being rolled back",
        _CAUSE,
    ),
    Signature(
        Id.DEPLOYMENT_CIRCUIT_BREAKER,
        "deployment failed … {alarm|lifecycle hook|hook}",
        "a deployment failed, or is being rolled back",
        _CAUSE,
    ),
    Signature(
        Id.TASK_START_IMPAIRED,
        "deployment failed: tasks failed to start",
        "the deployment's tasks did not start",
        _FAMILY,
    ),
    Signature(
        Id.TASK_START_IMPAIRED,
        "{servicesstable failed|not in the state servicesstable|did not stabilize|failed to stabilize"
        "|didn't stabilize}",
        "a client waited in vain for the service to become stable",
        _STAGE,
        certain=False,
    ),
    Signature(
        Id.DEPLOYMENT_CIRCUIT_BREAKER,
        "{deployment failed|failed deployment|deployment has failed}",
        "a deployment failed",
        _STAGE,
        certain=False,
        unless=("deployment failed{:|: tasks|: tasks failed|: tasks failed to}$",),
    ),
    Signature(
        Id.DEPLOYMENT_LIMITS_DEADLOCK,
        "{was unable to stop or start tasks during a deployment|minimumhealthypercent or maximumpercent value}",
        "the deployment's percentages leave no room",
        _CAUSE,
    ),
    Signature(
        Id.TASKS_PROTECTED,
        "{number of protected tasks|tasks are protected|tasks under protection|task protection"
        "|protected from scale-in|protected from "
        "scale in}",
        "protected tasks keep the service from shrinking",
        _CAUSE,
    ),
    Signature(
        Id.PLACEMENT_FAILED,
        "{placement constraint|memberof placement|distinctinstance|service_daemon_placement_constraint_violated}",
        "a placement constraint excludes every instance",
        _STAGE,
        certain=False,
    ),
    Signature(
        Id.PLACEMENT_FAILED,
        "{no container instance met all of its requirements|unable to place a task|unable to place tasks"
        "|service_task_placement_failure|service_task_configuration_failure|resource:gpu|unable to place}",
        "no place was found for a task; what is missing is not said",
        _PREFIX,
    ),
    Signature(
        Id.AWS_INTERNAL_ERROR,
        "unable to place a task. reason: internal error",
        "AWS's own words for a fault of its own; also given for a zone without Fargate",
        _STAGE,
    ),
    # Load balancers.
    Signature(
        Id.ELB_ZONE_NOT_ENABLED,
        "availability zone that is not enabled for the load balancer",
        "the load balancer has no subnet in the target's zone",
        _DECISIVE,
    ),
    Signature(
        Id.ELB_ZONE_NOT_ENABLED,
        "target.notinuse … availability zone",
        "the load balancer has no subnet in the target's zone",
        _CAUSE,
        certain=False,
    ),
    Signature(
        Id.TARGET_GROUP_MISSING,
        "{target group is not found|targetgroupnotfound|target groups not found|target group not found"
        "|one or more target groups not found|target group does not exist}",
        "the target group does not exist",
        _DECISIVE,
    ),
    Signature(
        Id.SERVICE_ROLE_BROKEN,
        "{failed to|unable to} … {target|listener} … not authorized to perform: elasticloadbalancing:",
        "the role with which ECS manages the load balancer lacks an action",
        _CAUSE,
    ),
    Signature(
        Id.TARGET_NOT_REGISTERED,
        "{target is not found|target is not registered|target.notregistered|target not registered}",
        "the task is not registered with the target group",
        _CAUSE,
    ),
    Signature(
        Id.TARGET_NOT_REGISTERED,
        "{failed|unable} to register targets … error … )",
        "the target group refused the task, for another reason than a missing group or permission",
        _CAUSE,
    ),
    Signature(
        Id.TARGET_NOT_REGISTERED,
        "does not have an associated load balancer",
        "the target group belongs to no load balancer",
        _CAUSE,
        certain=False,
    ),
    Signature(
        Id.ELB_HEALTH_CHECK_FAILED,
        "{failed elb health check|failed elb healthcheck|elb healthcheck failed|elb health check failed"
        "|elb health checks failed|health checks failed|request timed out"
        "|failed elastic load balancing"
        "|unhealthythreshold number of health checks|target.failedhealthchecks|target.responsecodemismatch"
        "|vpc_lattice_target_unhealthy|failed load balancer health check|target.timeout}",
        "a load balancer's health check failed, and how",
        _FAMILY,
        unless=("{service registry|service-registry|service discovery}",),
    ),
    Signature(
        Id.ELB_HEALTH_CHECK_FAILED,
        "{is unhealthy in|not healthy in target} … due to … )",
        "a load balancer's health check failed, and none of the reasons above",
        _FAMILY,
        unless=("{service registry|service-registry|service discovery}",),
        certain=False,
    ),
    Signature(
        Id.SERVICE_DISCOVERY_UNHEALTHY,
        "{service_discovery_instance_unhealthy|unhealthy in service registry|unhealthy in service discovery"
        "|unhealthy in (service-registry|unhealthy in (service registry}",
        "the service registry holds the task to be unhealthy",
        _CAUSE,
    ),
    Signature(
        Id.SERVICE_DISCOVERY_UNHEALTHY,
        "{service discovery|service registry|cloud map|service-registry|servicediscovery:} … "
        "{unhealthy|fail|error|unable|not authorized}",
        "the service registry is not in order",
        _STAGE,
        certain=False,
    ),
    # ECS's own access, names and Regions.
    Signature(
        Id.SERVICE_ROLE_BROKEN,
        "{iam permissions policies have been misconfigured|unable to assume the service linked role"
        "|unable to assume the service-linked role|service linked role exists|can no longer maintain your service"
        "|permissions policies have been misconfigured}",
        "ECS lost the permissions with which it maintains the service",
        _FAMILY,
    ),
    Signature(
        Id.CLUSTER_NOT_FOUND,
        "{clusternotfoundexception|cluster not found|referenced cluster was inactive|cluster was not found"
        "|the specified cluster is inactive|cluster is inactive}",
        "there is no such cluster in this Region",
        _FAMILY,
    ),
    Signature(
        Id.WRONG_REGION,
        "{invalid region in arn|invalid region|is in another region|wrong region}",
        "a name of another Region was given",
        _CAUSE,
    ),
    Signature(
        Id.AWS_INTERNAL_ERROR,
        "{internalerror|internal error|serverexception|internalfailure|internal server error|internal service error}",
        "AWS's own words for a fault of its own",
        _PREFIX,
        certain=False,
        unless=("internalerror{:|: failed|: failed to}$", "failed to normalize"),
    ),
    Signature(
        Id.AWS_INTERNAL_ERROR,
        "^{taskfailedtostart: internalerror|internalerror: internalerror}:",
        "AWS's own words for a fault of its own",
        _PREFIX,
    ),
)
