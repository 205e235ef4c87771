"""Rows of the area *placement, capacity, service*."""

from ecs_medic.catalogue import documents as doc
from ecs_medic.catalogue.groups import CAPACITY_FAULTS, DEPLOYMENT_FAULTS, INTERFACE_FAULTS, distinct
from ecs_medic.catalogue.row import Grant, Remedy, Row
from ecs_medic.vocabulary import Id

_EVENTS = (
    "aws ecs describe-services --region {region} --cluster {cluster} --services {service} "
    "--query 'services[0].[deployments,events[:10].[createdAt,message]]'"
)
_INSTANCES = (
    "aws ecs describe-container-instances --region {region} --cluster {cluster} --container-instances "
    "$(aws ecs list-container-instances --region {region} --cluster {cluster} --query 'containerInstanceArns[]' "
    "--output text) --query 'containerInstances[].[ec2InstanceId,status,agentConnected,remainingResources]'"
)
_STOPPED_TASKS = (
    "aws ecs list-tasks --region {region} --cluster {cluster} --service-name {service} --desired-status STOPPED"
)

ROWS = (
    Row(
        id=Id.PLACEMENT_FAILED,
        title="No instance met the task's requirements",
        meaning=(
            "The scheduler found no place for a task, and the message does not say what was missing: instances, CPU, "
            "memory, ports, network interfaces, or an attribute."
        ),
        fix="Compare what the task definition asks for with what the instances have left.",
        commands=(_INSTANCES, _EVENTS),
        candidates=distinct(CAPACITY_FAULTS, INTERFACE_FAULTS),
        documentation=(doc.SERVICE_EVENTS, doc.PLACEMENT),
    ),
    Row(
        id=Id.NO_CONTAINER_INSTANCES,
        title="The cluster or capacity provider has no container instance",
        meaning=(
            "A task for EC2 needs instances that have joined the cluster, and there is none. None was started, or "
            "those "
            "that run never registered; or the service was meant for Fargate and has the wrong launch type."
        ),
        fix="Start instances for the cluster (capacity provider or Auto Scaling group), or use Fargate.",
        remedy=Remedy.ADVISE,
        commands=(
            "aws ecs list-container-instances --region {region} --cluster {cluster}",
            (
                "aws ecs describe-clusters --region {region} --clusters {cluster} --include ATTACHMENTS "
                "--query 'clusters[0].[capacityProviders,defaultCapacityProviderStrategy]'"
            ),
        ),
        candidates=(Id.INSTANCE_NEVER_REGISTERED, Id.MANAGED_INSTANCE_ROLE_MISCONFIGURED, Id.LAUNCH_TYPE_INCOMPATIBLE),
        documentation=(doc.SERVICE_EVENTS, doc.CAPACITY_PROVIDERS),
    ),
    Row(
        id=Id.INSTANCE_NEVER_REGISTERED,
        title="An instance runs, but never joined the cluster",
        meaning=(
            "The ECS agent registers its instance when it starts. It did not: another cluster's name in its "
            "configuration, no instance profile, or no way to the ECS endpoints."
        ),
        fix="Check ECS_CLUSTER in the instance's user data, its instance profile, and its way to ECS.",
        remedy=Remedy.ADVISE,
        steps=(
            "ECS_CLUSTER={cluster} in /etc/ecs/ecs.config, written before the agent starts.",
            "An instance profile with AmazonEC2ContainerServiceforEC2Role.",
            "A way to the endpoints ecs, ecs-agent and ecs-telemetry.",
        ),
        documentation=(doc.INSTANCE_ROLE, doc.AGENT, doc.VPC_ENDPOINTS),
    ),
    Row(
        id=Id.MANAGED_INSTANCE_ROLE_MISCONFIGURED,
        title="ECS may not launch managed instances with the roles it was given",
        meaning=(
            "For Managed Instances ECS starts EC2 instances with the capacity provider's infrastructure role, and "
            "hands "
            "them an instance profile. One of the two is missing, or lacks a permission such as iam:PassRole."
        ),
        fix="Correct the infrastructure role and the instance profile of the capacity provider.",
        remedy=Remedy.ADVISE,
        steps=(
            "Infrastructure role: trusts ecs.amazonaws.com, with AmazonECSInfrastructureRolePolicyForManagedInstances.",
            (
                "Instance role: its name begins with ecsInstanceRole, or the infrastructure role may pass it "
                "(iam:PassRole)."
            ),
        ),
        grants=(Grant(("iam:PassRole",), "{instance_role_arn}"),),
        candidates=(Id.ROLE_TRUST_POLICY_WRONG, Id.ROLE_NOT_FOUND, Id.MANAGED_INSTANCE_VPC_MISMATCH),
        documentation=(doc.MANAGED_PROFILE, doc.INFRASTRUCTURE_ROLE, doc.MANAGED_INSTANCES),
    ),
    Row(
        id=Id.INSUFFICIENT_CPU,
        title="No instance has enough CPU left",
        meaning="The task asks for more CPU units than any instance of the cluster has free. One core is 1024 units.",
        fix="Add instances or larger ones, or ask for less CPU in the task definition.",
        remedy=Remedy.ADVISE,
        commands=(_INSTANCES,),
        documentation=(doc.SERVICE_EVENTS, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.INSUFFICIENT_MEMORY,
        title="No instance has enough memory left",
        meaning=(
            "The task asks for more memory than any instance of the cluster has free. An instance offers less than its "
            "type says, because the system and the agent need some."
        ),
        fix="Add instances or larger ones, or ask for less memory in the task definition.",
        remedy=Remedy.ADVISE,
        commands=(_INSTANCES,),
        documentation=(doc.SERVICE_EVENTS, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.INSUFFICIENT_ENI,
        title="No instance can take another network interface",
        meaning=(
            "Every awsvpc task on EC2 needs a network interface of its own, and an instance type takes only so "
            "many. All "
            "instances are full in this respect, whatever CPU and memory they have left."
        ),
        fix="Switch on ENI trunking (awsvpcTrunking) and start new instances, or add instances.",
        remedy=Remedy.ADVISE,
        steps=("Trunking works only for instances that are started after it was switched on, of supported types.",),
        commands=("aws ecs put-account-setting-default --region {region} --name awsvpcTrunking --value enabled",),
        documentation=(doc.ENI_TRUNKING, doc.SERVICE_EVENTS),
    ),
    Row(
        id=Id.HOST_PORT_IN_USE,
        title="The host port is taken on every instance",
        meaning=(
            "The task definition maps a fixed port of the host, and a port can be used once on each instance. Another "
            "task, or another program on the host, has it."
        ),
        fix="Use dynamic host ports (hostPort 0) behind a load balancer, or awsvpc networking, or add instances.",
        remedy=Remedy.ADVISE,
        steps=("During a deployment old and new task need the port at once: allow minimumHealthyPercent below 100.",),
        documentation=(doc.SERVICE_EVENTS, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.MISSING_ATTRIBUTE,
        title="No instance has an attribute that the task definition needs",
        meaning=(
            "Instances offer attributes: log drivers, docker API versions, zones, GPU, operating system. The task "
            "definition needs one that no instance offers; often no instance runs in the zone of the service's subnets."
        ),
        fix="Compare requiresAttributes of the task definition with the instances' attributes; mind the subnets' "
        "zones.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ecs describe-task-definition --region {region} --task-definition {task_definition} "
                "--query 'taskDefinition.requiresAttributes[].name'"
            ),
            (
                "aws ecs describe-container-instances --region {region} --cluster {cluster} "
                "--container-instances {container_instance} --query 'containerInstances[0].attributes[].[name,value]'"
            ),
        ),
        documentation=(doc.SERVICE_EVENTS, doc.AGENT),
    ),
    Row(
        id=Id.ECS_AGENT_DISCONNECTED,
        title="The ECS agent on the instance is not connected",
        meaning=(
            "ECS gives tasks to an instance through the agent that runs there. Its connection is gone: the agent or "
            "docker is down, the instance is out of resources, or its way to ECS is closed. Short interruptions are "
            "normal."
        ),
        fix="Restart the agent on the instance, or replace the instance; check its way to ECS.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ssm send-command --region {region} --instance-ids {instance_id} --document-name "
                "AWS-RunShellScript "
                "--parameters commands='systemctl restart ecs'"
            ),
            _INSTANCES,
        ),
        candidates=(Id.INSTANCE_NEVER_REGISTERED, Id.DISK_FULL, Id.VPC_ENDPOINT_MISSING),
        documentation=(doc.SERVICE_EVENTS, doc.AGENT),
    ),
    Row(
        id=Id.FARGATE_CAPACITY_UNAVAILABLE,
        title="Fargate has no capacity at this time",
        meaning=(
            "AWS cannot give a task of this size in these zones now. For Fargate Spot that is part of the bargain."
        ),
        fix="Add subnets in other zones, or let Fargate take over where Fargate Spot has nothing.",
        remedy=Remedy.ADVISE,
        documentation=(doc.SERVICE_EVENTS, doc.FARGATE_CAPACITY),
    ),
    Row(
        id=Id.QUOTA_EXCEEDED,
        title="A quota of the account is used up",
        meaning=(
            "The account may run only so many vCPUs, tasks, interfaces or volumes in a Region, and that number is "
            "reached. Fargate and Fargate Spot count separately."
        ),
        fix="Request a quota increase in Service Quotas, or stop what is not needed.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws service-quotas list-service-quotas --region {region} --service-code fargate "
                "--query 'Quotas[].[QuotaName,QuotaCode,Value]' --output table"
            ),
        ),
        documentation=(doc.QUOTAS, doc.REQUEST_QUOTA, doc.SERVICE_EVENTS),
    ),
    Row(
        id=Id.PROVISIONING_LIMIT_EXCEEDED,
        title="Too many tasks wait in PROVISIONING",
        meaning=(
            "With capacity providers, tasks wait in PROVISIONING until there is capacity. A cluster holds 500 such "
            "tasks, "
            "and the limit is reached."
        ),
        fix="Wait, scale more slowly, and see why capacity does not come.",
        remedy=Remedy.ADVISE,
        candidates=(Id.NO_CONTAINER_INSTANCES, Id.MANAGED_INSTANCE_ROLE_MISCONFIGURED, Id.QUOTA_EXCEEDED),
        documentation=(doc.SERVICE_EVENTS, doc.CAPACITY_PROVIDERS),
    ),
    Row(
        id=Id.API_THROTTLED,
        title="AWS throttled the calls",
        meaning=(
            "More calls were made than AWS allows in the time: by ECS for the service, by a crash loop, or by "
            "programs of "
            "the account. The scheduler tries again by itself."
        ),
        fix="Wait for the next attempt; when it repeats, find what makes so many calls.",
        remedy=Remedy.AUTO,
        documentation=(doc.SERVICE_EVENTS, doc.QUOTAS),
    ),
    Row(
        id=Id.SUBNET_IN_UNSUPPORTED_AZ,
        title="Fargate is not offered in the zone of this subnet",
        meaning="Some Availability Zones have no Fargate. AWS then answers only with an internal error.",
        fix="Take subnet {subnet_id} out of the service and use subnets in other zones.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ec2 describe-subnets --region {region} --subnet-ids {subnet_id} --query "
                "'Subnets[].AvailabilityZoneId'"
            ),
        ),
        documentation=(doc.FARGATE_REGIONS, doc.SERVICE_EVENTS),
    ),
    Row(
        id=Id.LAUNCH_TYPE_INCOMPATIBLE,
        title="The task definition does not fit the launch type or capacity",
        meaning=(
            "The task definition was made for another kind of capacity: its requiresCompatibilities, network mode, "
            "size "
            "or options do not fit the launch type, platform or target group that is asked for."
        ),
        fix="Choose the launch type the task definition was made for, or register a revision for this one.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ecs describe-task-definition --region {region} --task-definition {task_definition} "
                "--query 'taskDefinition.[requiresCompatibilities,compatibilities,networkMode,cpu,memory]'"
            ),
        ),
        documentation=(doc.START_ERRORS, doc.TASK_DEFINITION),
    ),
    Row(
        id=Id.TASK_START_IMPAIRED,
        title="The service cannot start tasks consistently",
        meaning=(
            "Task after task failed to start or to stay up, and the scheduler now waits longer and longer between "
            "attempts. The reason is with the stopped tasks, not in this event."
        ),
        fix="Look at the newest stopped task of the service: its reason is the cause.",
        commands=(_STOPPED_TASKS, _EVENTS),
        candidates=DEPLOYMENT_FAULTS,
        documentation=(doc.SERVICE_EVENTS, doc.THROTTLE_LOGIC, doc.STOPPED_VIEW),
    ),
    Row(
        id=Id.CAPACITY_UNAVAILABLE,
        title="Tasks could not be launched for lack of capacity",
        meaning=(
            "ECS could not get the capacity for all the tasks it should launch. EC2 has none of these instances, a "
            "quota "
            "is reached, or the cluster is full; the message does not say which."
        ),
        fix="Allow more instance types and zones, check quotas, and see what the cluster has left.",
        commands=(_EVENTS,),
        candidates=CAPACITY_FAULTS,
        documentation=(doc.SERVICE_EVENTS, doc.CAPACITY_PROVIDERS),
    ),
    Row(
        id=Id.DEPLOYMENT_CIRCUIT_BREAKER,
        title="The deployment failed or is being rolled back",
        meaning=(
            "Too many tasks of the new deployment failed, or an alarm went off, so ECS gave it up. The cause is "
            "that of "
            "the first task that failed; after a rollback its traces disappear within an hour."
        ),
        fix="Find the first failed task of the deployment and repair what stopped it, then deploy again.",
        remedy=Remedy.ADVISE,
        commands=(_STOPPED_TASKS, _EVENTS),
        candidates=DEPLOYMENT_FAULTS,
        documentation=(doc.CIRCUIT_BREAKER, doc.SERVICE_ACTIONS),
    ),
    Row(
        id=Id.DEPLOYMENT_LIMITS_DEADLOCK,
        title="The deployment's percentages leave no room to start or stop a task",
        meaning=(
            "minimumHealthyPercent says how many tasks must stay, maximumPercent how many there may be. With this "
            "desired count the two leave nothing to start first and nothing to stop first."
        ),
        fix="Lower minimumHealthyPercent or raise maximumPercent, so that one task can be started or stopped.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ecs update-service --region {region} --cluster {cluster} --service {service} "
                "--deployment-configuration minimumHealthyPercent=100,maximumPercent=200"
            ),
        ),
        documentation=(doc.SERVICE_EVENTS, doc.ROLLING),
    ),
    Row(
        id=Id.TARGET_GROUP_MISSING,
        title="The service's target group does not exist",
        meaning=(
            "The service registers its tasks with a target group that was deleted, or never existed under this ARN."
        ),
        fix="Create the target group anew and give it to the service; never delete one that a service uses.",
        remedy=Remedy.ADVISE,
        commands=(
            "aws elbv2 describe-target-groups --region {region} --target-group-arns {target_group_arn}",
            (
                "aws ecs update-service --region {region} --cluster {cluster} --service {service} --load-balancers "
                "file://lb.json"
            ),
        ),
        documentation=(doc.SERVICE_EVENTS, doc.LOAD_BALANCERS),
    ),
    Row(
        id=Id.TARGET_NOT_REGISTERED,
        title="The task is not registered with its target group",
        meaning=(
            "ECS could not register the task, or somebody took it out again; a target group without a load balancer "
            "registers nobody either. The load balancer therefore sends it nothing."
        ),
        fix="Check the target group's type (ip for awsvpc), its load balancer, and who deregisters targets.",
        remedy=Remedy.ADVISE,
        commands=("aws elbv2 describe-target-health --region {region} --target-group-arn {target_group_arn}",),
        candidates=(Id.TARGET_GROUP_MISSING, Id.SERVICE_ROLE_BROKEN, Id.LAUNCH_TYPE_INCOMPATIBLE),
        documentation=(doc.SERVICE_EVENTS, doc.LOAD_BALANCERS),
    ),
    Row(
        id=Id.ELB_ZONE_NOT_ENABLED,
        title="The load balancer has no subnet in the task's zone",
        meaning=(
            "A load balancer sends traffic only to zones that are enabled for it. The task runs in another one and is "
            "never asked."
        ),
        fix="Enable the zone for the load balancer, or take its subnet out of the service.",
        remedy=Remedy.ADVISE,
        commands=(
            "aws elbv2 set-subnets --region {region} --load-balancer-arn {load_balancer_arn} --subnets {subnet_ids}",
        ),
        documentation=(doc.LOAD_BALANCERS, doc.UNHEALTHY_EVENTS),
    ),
    Row(
        id=Id.SERVICE_ROLE_BROKEN,
        title="ECS can no longer maintain the service: its own role is broken",
        meaning=(
            "ECS registers targets, makes interfaces and scales with its service-linked role. That role is gone, or a "
            "service control policy keeps it from working."
        ),
        fix="Create AWSServiceRoleForECS again, and check service control policies.",
        remedy=Remedy.ADVISE,
        commands=("aws iam create-service-linked-role --aws-service-name ecs.amazonaws.com",),
        candidates=(Id.ROLE_TRUST_POLICY_WRONG, Id.ROLE_NOT_FOUND),
        documentation=(doc.SERVICE_LINKED_ROLE, doc.SERVICE_EVENTS),
    ),
    Row(
        id=Id.SERVICE_SILENTLY_AT_ZERO,
        title="The service should run tasks and runs none, and no event says so",
        meaning=(
            "The desired count is above zero and nothing runs, for a long time. After many failures the scheduler "
            "tries "
            "so seldom that it looks quiet."
        ),
        fix="Force a new deployment and watch its first task: that brings the reason back.",
        remedy=Remedy.ADVISE,
        commands=(
            "aws ecs update-service --region {region} --cluster {cluster} --service {service} --force-new-deployment",
            _EVENTS,
        ),
        documentation=(doc.THROTTLE_LOGIC, doc.SERVICE_EVENTS),
    ),
    Row(
        id=Id.SERVICE_DISCOVERY_UNHEALTHY,
        title="Service discovery holds a task to be unhealthy",
        meaning=(
            "The service registers its tasks in AWS Cloud Map, and the instance there is unhealthy or could not be "
            "registered."
        ),
        fix="Check the container's health check and the Cloud Map service's settings.",
        remedy=Remedy.ADVISE,
        candidates=(Id.CONTAINER_HEALTH_CHECK_FAILED, Id.SERVICE_ROLE_BROKEN),
        documentation=(doc.SERVICE_DISCOVERY, doc.SERVICE_ACTIONS),
    ),
    Row(
        id=Id.TASKS_PROTECTED,
        title="Scale-in protection keeps tasks from stopping",
        meaning=(
            "Tasks can ask not to be stopped while they work. More tasks are protected than the service should "
            "have, so "
            "it cannot shrink, nor finish a deployment."
        ),
        fix="Wait until the protection ends, or take it off tasks that may stop.",
        remedy=Remedy.ADVISE,
        commands=(
            "aws ecs get-task-protection --region {region} --cluster {cluster} --tasks {task_arn}",
            (
                "aws ecs update-task-protection --region {region} --cluster {cluster} --tasks {task_arn} "
                "--no-protection-enabled"
            ),
        ),
        documentation=(doc.PROTECTION, doc.SERVICE_EVENTS),
    ),
    Row(
        id=Id.CLUSTER_NOT_FOUND,
        title="The cluster does not exist in this Region",
        meaning=(
            "ECS knows no cluster of this name in the Region and account that were asked. Without a name the cluster "
            "`default` is meant."
        ),
        fix="Name the cluster and the Region explicitly.",
        remedy=Remedy.ADVISE,
        commands=("aws ecs list-clusters --region {region}",),
        candidates=(Id.WRONG_REGION, Id.EXEC_WRONG_TARGET),
        documentation=(doc.API_FAILURES,),
    ),
    Row(
        id=Id.WRONG_REGION,
        title="The call went to another Region than the resource's",
        meaning=(
            "An ARN carries the Region of its resource, and ECS answers only for its own. The client's Region differs: "
            "AWS_REGION, the profile, or --region."
        ),
        fix="Call with the Region that the ARN names.",
        remedy=Remedy.ADVISE,
        commands=("aws configure get region",),
        candidates=(Id.CLUSTER_NOT_FOUND, Id.EXEC_WRONG_TARGET),
        documentation=(doc.API_FAILURES,),
    ),
    Row(
        id=Id.AWS_INTERNAL_ERROR,
        title="A fault of AWS's own",
        meaning=(
            "AWS reports an internal error. It usually passes by itself. Where it does not, a subnet in a zone without "
            "Fargate is a known reason for it."
        ),
        fix="Wait for the next attempt; when it repeats, check the zones of the subnets and ask AWS Support.",
        remedy=Remedy.AUTO,
        candidates=(Id.SUBNET_IN_UNSUPPORTED_AZ, Id.ENI_PROVISIONING_TIMEOUT, Id.IMAGE_REFERENCE_INVALID),
        documentation=(doc.INTERNAL_ERRORS, doc.SERVICE_EVENTS),
    ),
)
