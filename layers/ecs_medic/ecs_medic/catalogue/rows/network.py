"""Rows of the area *network*."""

from ecs_medic.catalogue import documents as doc
from ecs_medic.catalogue.groups import NO_NAME, NO_PATH, NO_PATH_TO_S3, distinct
from ecs_medic.catalogue.row import Remedy, Row
from ecs_medic.vocabulary import Id

_DESCRIBE_ENDPOINTS = (
    "aws ec2 describe-vpc-endpoints --region {region} --filters Name=vpc-id,Values={vpc_id} "
    "--query 'VpcEndpoints[].[VpcEndpointId,ServiceName,State,PrivateDnsEnabled]' --output table"
)
_FIND_OUT = "Find out where the way breaks: endpoint, security group, route, public address or name resolution."

ROWS = (
    Row(
        id=Id.ECR_UNREACHABLE,
        title="The task cannot reach Amazon ECR",
        meaning=(
            "Before an image is pulled, ECS asks the ECR API for a token, and that call got no connection. On "
            "Fargate it "
            "leaves by the task's own network interface, so the subnet needs a way out (NAT gateway, or an internet "
            "gateway together with a public address) or VPC endpoints for ECR. Permissions are not the problem here: a "
            "missing permission gives an answer, and there was none."
        ),
        fix="Give the task's subnet a way to ECR: VPC endpoints for ecr.api and ecr.dkr and a gateway for S3, or NAT.",
        steps=(_FIND_OUT,),
        commands=(_DESCRIBE_ENDPOINTS,),
        candidates=NO_PATH,
        documentation=(doc.INIT_ERRORS, doc.CONNECTIVITY, doc.ECR_ENDPOINTS),
    ),
    Row(
        id=Id.REGISTRY_UNREACHABLE,
        title="The image registry cannot be reached",
        meaning=(
            "The pull got no connection to the registry, or it took too long. For ECR a VPC endpoint can be the "
            "way; for "
            "every other registry (Docker Hub, GHCR, ECR Public …) only NAT or a public address leads there."
        ),
        fix="Give the interface that pulls a way to the registry: NAT or a public address, for ECR also VPC endpoints.",
        steps=(_FIND_OUT, "Check the host name in the image string: a typo looks like an unreachable registry."),
        candidates=distinct(NO_PATH, (Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE, Id.IMAGE_REFERENCE_INVALID)),
        documentation=(doc.PULL_ERRORS, doc.CONNECTIVITY),
    ),
    Row(
        id=Id.IMAGE_LAYERS_UNREACHABLE,
        title="The image's layers, which ECR keeps in S3, cannot be downloaded",
        meaning=(
            "ECR answered and gave the list of layers, but the layers themselves are downloaded from an S3 bucket, and "
            "that connection failed. Where a VPC has endpoints for ECR but no NAT, the S3 gateway endpoint is what is "
            "forgotten most often."
        ),
        fix="Create an S3 gateway endpoint and associate it with the route table of the subnet that pulls.",
        steps=(
            "See whether the subnet's route table has a route to the S3 prefix list.",
            "See whether the security group allows 443 to that prefix list.",
        ),
        candidates=distinct(NO_PATH_TO_S3, (Id.ENDPOINT_POLICY_DENIES,)),
        documentation=(doc.PULL_ERRORS, doc.ECR_ENDPOINTS, doc.S3_GATEWAY),
    ),
    Row(
        id=Id.SECRETS_UNREACHABLE,
        title="AWS Secrets Manager cannot be reached",
        meaning=(
            "A secret of the task definition could not be fetched because the call got no connection. It is the "
            "network, "
            "not the secret and not the role: a denial would have been an answer."
        ),
        fix="Give the task's subnet a way to Secrets Manager: a secretsmanager VPC endpoint, or NAT.",
        steps=(_FIND_OUT,),
        commands=(_DESCRIBE_ENDPOINTS,),
        candidates=NO_PATH,
        documentation=(doc.INIT_ERRORS, doc.SECRETS_ENV, doc.CONNECTIVITY),
    ),
    Row(
        id=Id.SSM_PARAMETERS_UNREACHABLE,
        title="Systems Manager Parameter Store cannot be reached",
        meaning=(
            "A parameter of the task definition could not be fetched because the call got no connection. It is the "
            "network, not the parameter and not the role."
        ),
        fix="Give the task's subnet a way to Systems Manager: an ssm VPC endpoint, or NAT.",
        steps=(_FIND_OUT,),
        commands=(_DESCRIBE_ENDPOINTS,),
        candidates=NO_PATH,
        documentation=(doc.INIT_ERRORS, doc.PARAMETERS_ENV, doc.CONNECTIVITY),
    ),
    Row(
        id=Id.LOGS_UNREACHABLE,
        title="CloudWatch Logs cannot be reached",
        meaning=(
            "The awslogs driver could not create its log stream because the call got no connection. AWS says in the "
            "same "
            "breath that it cannot find the log group; the group is usually there, and the way to it is not."
        ),
        fix="Give the subnet a way to CloudWatch Logs: a logs VPC endpoint, or NAT.",
        steps=(_FIND_OUT,),
        commands=(_DESCRIBE_ENDPOINTS,),
        candidates=distinct(NO_PATH, (Id.LOG_REGION_WRONG,)),
        documentation=(doc.INIT_ERRORS, doc.AWSLOGS, doc.VPC_ENDPOINTS),
    ),
    Row(
        id=Id.ENV_FILE_UNREACHABLE,
        title="The environment file's bucket in S3 cannot be reached",
        meaning=(
            "The task definition takes environment variables from a file in S3, and the download got no connection."
        ),
        fix="Give the subnet a way to S3: a gateway endpoint on its route table, or NAT.",
        steps=(_FIND_OUT,),
        candidates=NO_PATH_TO_S3,
        documentation=(doc.ENV_FILES, doc.S3_GATEWAY),
    ),
    Row(
        id=Id.DNS_LOOKUP_FAILED,
        title="A host name did not resolve",
        meaning=(
            "The name of a registry or an AWS service could not be turned into an address. Either the name is "
            "wrong, or "
            "the VPC's name resolution is: switched off, or pointed at a resolver that does not know the name."
        ),
        fix="Check the name's spelling first, then the VPC's DNS attributes and its DHCP options.",
        steps=(
            "Compare the name in the message with the service's documented host name.",
            "Check enableDnsSupport and enableDnsHostnames of the VPC.",
            "Check whether the DHCP options name a resolver other than AmazonProvidedDNS.",
        ),
        commands=(
            "aws ec2 describe-vpc-attribute --region {region} --vpc-id {vpc_id} --attribute enableDnsSupport",
            "aws ec2 describe-vpc-attribute --region {region} --vpc-id {vpc_id} --attribute enableDnsHostnames",
        ),
        candidates=distinct(NO_NAME, (Id.IMAGE_REFERENCE_INVALID, Id.VPC_ENDPOINT_MISSING)),
        documentation=(doc.VPC_DNS, doc.CONNECTIVITY),
    ),
    Row(
        id=Id.VPC_ENDPOINT_MISSING,
        title="No way to an AWS service: no NAT, no public address, no VPC endpoint",
        meaning=(
            "The task needs an AWS service, and its subnet has no way to the internet and no VPC endpoint for that "
            "service. The task therefore fails in the same way every time it is started."
        ),
        fix="Create the missing VPC endpoints ({services}), or give the subnet a route through a NAT gateway.",
        remedy=Remedy.ASK,
        steps=(
            (
                "Create an interface endpoint for each missing service, one subnet for each zone the tasks run in, "
                "with "
                "private DNS."
            ),
            (
                "Give the endpoints a security group that admits 443 from the VPC's CIDRs: private DNS sends every "
                "client of the VPC there."
            ),
            "For S3 create a gateway endpoint and associate it with the subnets' route tables; it costs nothing.",
            "Start the task again.",
        ),
        commands=(
            (
                "aws ec2 create-vpc-endpoint --region {region} --vpc-id {vpc_id} --vpc-endpoint-type Interface "
                "--service-name {service_name} --subnet-ids {subnet_ids} --security-group-ids "
                "{endpoint_security_group_id} "
                "--private-dns-enabled"
            ),
            (
                "aws ec2 create-vpc-endpoint --region {region} --vpc-id {vpc_id} --vpc-endpoint-type Gateway "
                "--service-name com.amazonaws.{region}.s3 --route-table-ids {route_table_id}"
            ),
        ),
        documentation=(doc.VPC_ENDPOINTS, doc.ECR_ENDPOINTS, doc.CONNECTIVITY),
    ),
    Row(
        id=Id.S3_GATEWAY_NOT_ON_ROUTE_TABLE,
        title="The S3 gateway endpoint is not on this subnet's route table",
        meaning=(
            "The VPC has a gateway endpoint for S3, but a gateway endpoint works only for route tables that it is "
            "associated with, and this subnet's is not among them. Image layers come from S3, so pulls break half-way."
        ),
        fix="Associate the S3 gateway endpoint {vpc_endpoint_id} with route table {route_table_id}.",
        remedy=Remedy.ASK,
        steps=("Associate the route table; open S3 connections of its subnets may be interrupted once.",),
        commands=(
            (
                "aws ec2 modify-vpc-endpoint --region {region} --vpc-endpoint-id {vpc_endpoint_id} "
                "--add-route-table-ids {route_table_id}"
            ),
        ),
        documentation=(doc.S3_GATEWAY, doc.ECR_ENDPOINTS),
    ),
    Row(
        id=Id.ENDPOINT_SECURITY_GROUP_BLOCKS,
        title="The VPC endpoint's security group does not admit 443 from the task",
        meaning=(
            "The VPC endpoint exists and its name resolves to it, so all traffic to that service goes there — and its "
            "security group lets nobody in from where the task runs. NAT would not help: private DNS leads past it."
        ),
        fix="Admit TCP 443 from the task's security group on the endpoint's security group.",
        remedy=Remedy.ASK,
        steps=("Add one ingress rule: TCP 443 from the task's security group, or from the VPC's CIDRs.",),
        commands=(
            (
                "aws ec2 authorize-security-group-ingress --region {region} --group-id {security_group_ids} "
                "--protocol tcp --port 443 --source-group {task_security_group_id}"
            ),
        ),
        documentation=(doc.VPC_ENDPOINTS, doc.SECURITY_GROUPS),
    ),
    Row(
        id=Id.ENDPOINT_PRIVATE_DNS_OFF,
        title="The VPC endpoint exists, but its private DNS is off",
        meaning=(
            "Without private DNS the service's usual name still resolves to its public addresses, and a subnet without "
            "a way out cannot reach those. The endpoint is there and nobody uses it."
        ),
        fix="Switch on private DNS for the endpoint {vpc_endpoint_id}.",
        remedy=Remedy.ASK,
        steps=(
            "Check that the VPC has enableDnsSupport and enableDnsHostnames.",
            (
                "Switch private DNS on; from then on every client of the VPC uses this endpoint, so its security group "
                "must admit them."
            ),
        ),
        commands=(
            "aws ec2 modify-vpc-endpoint --region {region} --vpc-endpoint-id {vpc_endpoint_id} --private-dns-enabled",
        ),
        documentation=(doc.PRIVATE_DNS,),
    ),
    Row(
        id=Id.ENDPOINT_POLICY_DENIES,
        title="The VPC endpoint's policy does not allow the call",
        meaning=(
            "A VPC endpoint carries a policy of its own, and a call through it must be allowed by the endpoint's "
            "policy "
            "and by the role. Such a denial is not in CloudTrail, which makes it look like a role problem."
        ),
        fix="Allow the denied action in the policy of the VPC endpoint.",
        remedy=Remedy.ADVISE,
        steps=(
            "Read the endpoint's policy and find what does not cover the action, the principal or the resource.",
            "For S3: the bucket of ECR's layers, arn:aws:s3:::prod-{region}-starport-layer-bucket/*, must be readable.",
        ),
        commands=(
            (
                "aws ec2 describe-vpc-endpoints --region {region} --vpc-endpoint-ids {vpc_endpoint_id} "
                "--query 'VpcEndpoints[0].PolicyDocument' --output text"
            ),
        ),
        documentation=(doc.ENDPOINT_POLICY, doc.ECR_ENDPOINTS),
    ),
    Row(
        id=Id.ENDPOINT_NOT_AVAILABLE,
        title="The VPC endpoint is not available",
        meaning=(
            "An endpoint carries traffic only in the state `available`. A new one is `pending` for some minutes; "
            "`failed`, `rejected` or `deleting` will not mend themselves."
        ),
        fix="Wait while it is pending; otherwise create the endpoint again.",
        remedy=Remedy.AUTO,
        commands=(
            (
                "aws ec2 describe-vpc-endpoints --region {region} --vpc-endpoint-ids {vpc_endpoint_id} "
                "--query 'VpcEndpoints[0].[State,LastError]'"
            ),
        ),
        documentation=(doc.PRIVATE_DNS,),
    ),
    Row(
        id=Id.VPC_DNS_DISABLED,
        title="The VPC's DNS attributes are off, so private endpoint names cannot work",
        meaning=(
            "Private DNS of VPC endpoints needs both enableDnsSupport and enableDnsHostnames. Without the first "
            "nothing "
            "resolves by Amazon's resolver; without the second the endpoints' names stay public."
        ),
        fix="Switch on enableDnsSupport and enableDnsHostnames of the VPC.",
        remedy=Remedy.ASK,
        commands=(
            "aws ec2 modify-vpc-attribute --region {region} --vpc-id {vpc_id} --enable-dns-support Value=true",
            "aws ec2 modify-vpc-attribute --region {region} --vpc-id {vpc_id} --enable-dns-hostnames Value=true",
        ),
        documentation=(doc.VPC_DNS, doc.PRIVATE_DNS),
    ),
    Row(
        id=Id.CUSTOM_DNS_RESOLVER,
        title="The VPC uses a DNS resolver of its own, which may not know the private names",
        meaning=(
            "The DHCP options name another resolver than Amazon's. Private names of VPC endpoints exist only in "
            "Amazon's resolver, so that one has to forward them."
        ),
        fix="Forward amazonaws.com names to the VPC's own resolver (its base address plus two), over UDP and TCP 53.",
        remedy=Remedy.ADVISE,
        commands=("aws ec2 describe-dhcp-options --region {region} --dhcp-options-ids {dhcp_options_id}",),
        documentation=(doc.DHCP, doc.VPC_DNS),
    ),
    Row(
        id=Id.TASK_SECURITY_GROUP_BLOCKS_EGRESS,
        title="The security group allows no 443 out to where the task must go",
        meaning=(
            "Security groups allow nothing that no rule allows. The group on the interface that carries the traffic "
            "has "
            "no egress rule that covers TCP 443 to this destination."
        ),
        fix="Allow TCP 443 out on the security group of the interface ({security_group_ids}).",
        remedy=Remedy.ASK,
        commands=(
            (
                "aws ec2 authorize-security-group-egress --region {region} --group-id {security_group_ids} "
                "--ip-permissions IpProtocol=tcp,FromPort=443,ToPort=443,IpRanges='[{CidrIp=0.0.0.0/0}]'"
            ),
        ),
        documentation=(doc.SECURITY_GROUPS, doc.CONNECTIVITY),
    ),
    Row(
        id=Id.NETWORK_ACL_BLOCKS,
        title="A network ACL denies the request or its answer",
        meaning=(
            "Network ACLs are stateless: the request to port 443 must be allowed out, and its answer to a high port "
            "(1024-65535) must be allowed in, on every subnet that the traffic crosses."
        ),
        fix="Allow TCP 443 out and TCP 1024-65535 in on network ACL {network_acl_id}.",
        remedy=Remedy.ADVISE,
        steps=("Mind the rule numbers: the lowest one that matches decides.",),
        commands=("aws ec2 describe-network-acls --region {region} --network-acl-ids {network_acl_id}",),
        documentation=(doc.NETWORK_ACLS, doc.CONNECTIVITY),
    ),
    Row(
        id=Id.NO_ROUTE_TO_INTERNET,
        title="The destination is on the internet, and no route leads there",
        meaning=(
            "The route table of the subnet has no default route to a NAT gateway or an internet gateway. VPC endpoints "
            "do not help for hosts that are not AWS services, such as Docker Hub."
        ),
        fix="Add a default route to a NAT gateway, or run the task in a subnet that has one.",
        remedy=Remedy.ADVISE,
        commands=(
            "aws ec2 describe-route-tables --region {region} --filters Name=association.subnet-id,Values={subnet_id}",
        ),
        documentation=(doc.NAT, doc.ROUTES, doc.CONNECTIVITY),
    ),
    Row(
        id=Id.PUBLIC_SUBNET_WITHOUT_PUBLIC_IP,
        title="Fargate task in a public subnet without a public address",
        meaning=(
            "The subnet's default route leads to an internet gateway, and an internet gateway forwards only for "
            "interfaces that have a public address. With assignPublicIp disabled the task has none, so nothing answers."
        ),
        fix="Enable assignPublicIp on the service, or run the task in a subnet with a NAT gateway.",
        remedy=Remedy.ASK,
        commands=(
            (
                "aws ecs update-service --region {region} --cluster {cluster} --service {service} "
                "--force-new-deployment "
                "--network-configuration "
                "'awsvpcConfiguration={subnets=[SUBNETS],securityGroups=[GROUPS],assignPublicIp=ENABLED}'"
            ),
        ),
        documentation=(doc.FARGATE_NETWORK, doc.CONNECTIVITY),
    ),
    Row(
        id=Id.AWSVPC_TASK_CANNOT_HAVE_PUBLIC_IP,
        title="An awsvpc task on instances cannot have a public address",
        meaning=(
            "On EC2 and on Managed Instances the interface of an awsvpc task has only a private address; "
            "assignPublicIp "
            "is for Fargate. In a subnet whose way out is an internet gateway such a task reaches nothing outside."
        ),
        fix="Run the task in a subnet with a NAT gateway, add VPC endpoints for the AWS services, or use host "
        "networking.",
        remedy=Remedy.ADVISE,
        steps=(
            "NAT gateway: reaches everything; costs per hour and per gigabyte.",
            "VPC endpoints: reach AWS services only.",
            "Host networking on a subnet that assigns public addresses: one task for each port and instance.",
        ),
        documentation=(doc.EC2_AWSVPC, doc.MANAGED_NETWORK),
    ),
    Row(
        id=Id.MANAGED_INSTANCE_VPC_MISMATCH,
        title="The task's subnets are in another VPC than the capacity provider's",
        meaning=(
            "On Managed Instances the instances run in the capacity provider's subnets and attach the tasks' "
            "interfaces; "
            "that is possible only inside one VPC."
        ),
        fix="Use subnets of one VPC in the capacity provider and in the service.",
        remedy=Remedy.ADVISE,
        commands=("aws ecs describe-capacity-providers --region {region} --capacity-providers {capacity_provider}",),
        documentation=(doc.MANAGED_NETWORK,),
    ),
    Row(
        id=Id.MANAGED_INSTANCE_NETWORK_BLOCKED,
        title="The managed instance's own interface has no way out",
        meaning=(
            "On Managed Instances images, secrets, logs and environment files travel by the instance's primary "
            "interface, not by the task's. Its subnet and security group are those of the capacity provider."
        ),
        fix="Give the capacity provider's subnets and security groups a way to ECR, S3, Secrets Manager and "
        "CloudWatch Logs.",
        remedy=Remedy.ADVISE,
        commands=("aws ecs describe-capacity-providers --region {region} --capacity-providers {capacity_provider}",),
        documentation=(doc.MANAGED_NETWORK, doc.MANAGED_INSTANCES),
    ),
    Row(
        id=Id.ROUTE_BLACKHOLE,
        title="A route points to something that no longer exists",
        meaning=(
            "The route is in the state `blackhole`: its NAT gateway, transit gateway or interface was deleted, and "
            "what "
            "is sent there is lost."
        ),
        fix="Replace the route's target, or delete the route.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ec2 describe-route-tables --region {region} --route-table-ids {route_table_id} "
                "--query 'RouteTables[0].Routes[?State==`blackhole`]'"
            ),
        ),
        documentation=(doc.ROUTES,),
    ),
    Row(
        id=Id.SUBNET_OUT_OF_ADDRESSES,
        title="The subnet has no free address",
        meaning=(
            "Every awsvpc task needs an address of its own, and the subnet has none left. Tasks that are starting and "
            "stopping hold addresses too."
        ),
        fix="Add subnets with free addresses to the service, or free addresses in subnet {subnet_id}.",
        remedy=Remedy.ADVISE,
        commands=(
            (
                "aws ec2 describe-subnets --region {region} --subnet-ids {subnet_id} "
                "--query 'Subnets[].[SubnetId,CidrBlock,AvailableIpAddressCount]' --output table"
            ),
        ),
        documentation=(doc.START_ERRORS, doc.SUBNETS),
    ),
    Row(
        id=Id.ENI_PROVISIONING_TIMEOUT,
        title="The network interface was not ready in time",
        meaning=(
            "EC2 did not finish making or attaching the task's network interface before ECS gave up. It is usually a "
            "passing fault of AWS, and the scheduler tries again by itself."
        ),
        fix="Wait for the next attempt; look further only when it repeats.",
        remedy=Remedy.AUTO,
        steps=("When it repeats: check free addresses in the subnet and the account's interface quota.",),
        candidates=(Id.SUBNET_OUT_OF_ADDRESSES, Id.QUOTA_EXCEEDED, Id.API_THROTTLED),
        documentation=(doc.START_ERRORS, doc.INTERNAL_ERRORS),
    ),
    Row(
        id=Id.ENI_SETUP_FAILED,
        title="The task's network interface could not be made or attached",
        meaning=(
            "EC2 refused the interface, or the agent on the instance could not put it into the task's network "
            "namespace. What follows in the message is EC2's or the agent's own reason."
        ),
        fix="Read EC2's reason in the message; check free addresses, the interface quota and the agent's log.",
        remedy=Remedy.ADVISE,
        steps=(
            "On Fargate: check the subnet's free addresses, and that ECS's service-linked role exists.",
            "On instances: check the instance type's interface limit and /var/log/ecs/ecs-agent.log.",
        ),
        candidates=(
            Id.SUBNET_OUT_OF_ADDRESSES,
            Id.INSUFFICIENT_ENI,
            Id.QUOTA_EXCEEDED,
            Id.SERVICE_ROLE_BROKEN,
            Id.SUBNET_IN_UNSUPPORTED_AZ,
            Id.INSUFFICIENT_CPU,
            Id.MANAGED_INSTANCE_VPC_MISMATCH,
        ),
        documentation=(doc.START_ERRORS, doc.ENI_TRUNKING),
    ),
)
