"""The network: what could not be reached, and interfaces that could not be made."""

from ecs_medic.symptoms.signature import Signature, Specificity
from ecs_medic.symptoms.signatures.words import NO_CONNECTION, NO_NAME
from ecs_medic.vocabulary import Id

_STAGE, _FAMILY, _CAUSE, _DECISIVE = Specificity.STAGE, Specificity.FAMILY, Specificity.CAUSE, Specificity.DECISIVE

_OTHER_REGISTRIES = (
    "{docker.io|docker.com|ghcr.io|githubusercontent|quay.io|gcr.io|pkg.dev|mcr.microsoft.com|azurecr.io"
    "|registry.gitlab|public.ecr.aws|cloudflare}"
)

SIGNATURES = (
    Signature(
        Id.ENDPOINT_POLICY_DENIES,
        "because no vpc endpoint policy allows",
        "IAM names the VPC endpoint policy as what does not allow the call",
        _DECISIVE,
    ),
    Signature(
        Id.ENDPOINT_POLICY_DENIES,
        "explicit deny in a vpc endpoint policy",
        "IAM names the VPC endpoint policy as what denies the call",
        _DECISIVE,
    ),
    Signature(
        Id.DNS_LOOKUP_FAILED,
        "dial tcp: lookup",
        "the connection ended at the name server",
        _CAUSE,
        unless=("tcp: lookup fs-", "tcp: lookup fluentd"),
    ),
    Signature(Id.DNS_LOOKUP_FAILED, "lookup … " + NO_NAME, "a name server had no answer", _CAUSE),
    Signature(Id.DNS_LOOKUP_FAILED, NO_NAME, "a name did not resolve", _FAMILY, certain=False),
    # ECR's API: the token for the registry.
    Signature(
        Id.ECR_UNREACHABLE,
        "connection issue between the task and amazon ecr",
        "AWS's own summary since June 2024",
        _FAMILY,
    ),
    Signature(
        Id.ECR_UNREACHABLE,
        "{api.ecr.|ecr: getauthorizationtoken|unable to retrieve ecr registry auth|registry auth from amazon ecr} … "
        + NO_CONNECTION,
        "the call for the registry token got no connection",
        _FAMILY,
    ),
    Signature(
        Id.ECR_UNREACHABLE,
        NO_CONNECTION + " … api.ecr",
        "the call for the registry token got no connection",
        _FAMILY,
    ),
    # Layers come from S3.
    Signature(
        Id.IMAGE_LAYERS_UNREACHABLE,
        "{httpreaderseeker|httpreadseeker} … failed to do request",
        "containerd had the manifest and could not open a layer, which ECR redirects to S3",
        _FAMILY,
        unless=(_OTHER_REGISTRIES,),
    ),
    Signature(
        Id.IMAGE_LAYERS_UNREACHABLE,
        "{httpreaderseeker|httpreadseeker} … failed open … " + NO_CONNECTION,
        "containerd had the manifest and could not open a layer, which ECR redirects to S3",
        _FAMILY,
        unless=(_OTHER_REGISTRIES,),
    ),
    Signature(
        Id.IMAGE_LAYERS_UNREACHABLE,
        "{starport-layer-bucket|redacted ecr url} … " + NO_CONNECTION,
        "docker could not reach the bucket of ECR's layers",
        _FAMILY,
    ),
    Signature(
        Id.IMAGE_LAYERS_UNREACHABLE,
        NO_CONNECTION + " … {starport-layer-bucket|redacted ecr url}",
        "docker could not reach the bucket of ECR's layers",
        _FAMILY,
    ),
    Signature(
        Id.SECRETS_UNREACHABLE,
        "connection issue between the task and {aws secrets manager|secrets manager|amazon secrets manager}",
        "AWS's own summary since June 2024",
        _FAMILY,
    ),
    Signature(
        Id.SECRETS_UNREACHABLE,
        "{secret from asm|registry auth from asm|secrets manager|asm fetching|secretsmanager} … " + NO_CONNECTION,
        "the call for a secret got no connection",
        _FAMILY,
    ),
    Signature(
        Id.SSM_PARAMETERS_UNREACHABLE,
        "connection issue between the task and {aws systems manager|systems manager|amazon ssm}",
        "AWS's own summary since June 2024",
        _FAMILY,
    ),
    Signature(
        Id.SSM_PARAMETERS_UNREACHABLE,
        "check your network connection between the task and aws systems manager",
        "AWS's own summary",
        _FAMILY,
    ),
    Signature(
        Id.SSM_PARAMETERS_UNREACHABLE,
        "{secrets from ssm|secret from ssm|ssm parameter store|ssm: getparameters|systems manager parameter store} … "
        + NO_CONNECTION,
        "the call for a parameter got no connection",
        _FAMILY,
    ),
    Signature(
        Id.LOGS_UNREACHABLE,
        "connection issue between the task and {amazon cloudwatch|cloudwatch|aws cloudwatch}",
        "AWS's own summary since June 2024; it says first that the log group was not found",
        _CAUSE,
    ),
    Signature(
        Id.LOGS_UNREACHABLE,
        "{validate logger args|cloudwatch log|logging driver|cloudwatchlogs|cloudwatch logs} … " + NO_CONNECTION,
        "the call for a log stream got no connection",
        _FAMILY,
        unless=("{fluentd|fluent.sock|:24224|syslog|gelf|splunk}",),
    ),
    Signature(
        Id.LOGS_UNREACHABLE,
        "validate logger args … signal: killed",
        "checking the log configuration hung until it was killed, as it does without a path to CloudWatch Logs",
        _FAMILY,
    ),
    Signature(
        Id.LOGS_UNREACHABLE,
        "//logs. … " + NO_CONNECTION,
        "the call for a log stream got no connection",
        _FAMILY,
        certain=False,
    ),
    Signature(
        Id.ENV_FILE_UNREACHABLE,
        "{env file|environment file} … " + NO_CONNECTION,
        "the download of the environment file got no connection",
        _FAMILY,
    ),
    Signature(
        Id.ENV_FILE_UNREACHABLE,
        "connection issue between the task and {amazon s3|s3}",
        "AWS's own summary since June 2024",
        _FAMILY,
        certain=False,
    ),
    # Any registry; ECR's registry host too, since the message does not say which part of the way is missing.
    Signature(
        Id.REGISTRY_UNREACHABLE,
        "connection issue between the task and the registry",
        "AWS's own summary since June 2024",
        _STAGE,
    ),
    Signature(
        Id.REGISTRY_UNREACHABLE,
        "check your {network|task network|network connection} … {/v2/|registry|.dkr.ecr.}",
        "AWS's own summary since June 2024, with a registry's address",
        _STAGE,
        certain=False,
    ),
    Signature(
        Id.REGISTRY_UNREACHABLE,
        "{cannotpull|/v2/|.dkr.ecr.|docker.io|pull image|failed to resolve ref|public.ecr.aws|ghcr.io|quay.io} … "
        + NO_CONNECTION,
        "the pull got no connection to the registry",
        Specificity.FAMILY,
    ),
    Signature(
        Id.REGISTRY_UNREACHABLE,
        "could not reach any registry endpoint",
        "an old docker's words",
        _FAMILY,
    ),
    Signature(
        Id.REGISTRY_UNREACHABLE,
        "failed to resolve ref … failed to do request",
        "the pull got no connection to the registry",
        _FAMILY,
        certain=False,
    ),
    Signature(
        Id.REGISTRY_UNREACHABLE,
        "can't pull the image. check your network configuration",
        "AWS's own summary since June 2024, without an address",
        _STAGE,
        certain=False,
    ),
    # Interfaces.
    Signature(
        Id.SUBNET_OUT_OF_ADDRESSES,
        "{insufficientfreeaddressesinsubnet|insufficient free addresses in subnet|not enough free addresses"
        "|does not have enough free ip addresses|insufficientfreeipaddresses|no available ip address}",
        "EC2 says that the subnet has no free address",
        _DECISIVE,
    ),
    Signature(
        Id.API_THROTTLED,
        "rate limit exceeded while preparing network interface",
        "EC2 throttled the creation of interfaces",
        _CAUSE,
    ),
    Signature(
        Id.ENI_PROVISIONING_TIMEOUT,
        "timeout waiting for network interface provisioning",
        "the interface was not ready in time",
        _CAUSE,
    ),
    Signature(
        Id.ENI_PROVISIONING_TIMEOUT,
        "network interface provision complete error",
        "the interface was not ready in time, in AWS Batch's words",
        _CAUSE,
    ),
    Signature(
        Id.ENI_PROVISIONING_TIMEOUT,
        "{timeout|timed out} … {network interface|eni attachment|eni to be attached}",
        "the interface was not ready in time",
        _STAGE,
        certain=False,
        if_cut=Id.ENI_SETUP_FAILED,
        unless=("{i/o timeout|client.timeout|dial tcp|cannotpull|mount.nfs}",),
    ),
    Signature(
        Id.ENI_SETUP_FAILED,
        "unexpected ec2 error while attempting to create … subnet … :",
        "EC2 refused an interface, and its code comes last: one of them means that the subnet is full",
        _FAMILY,
        unless=(":$",),
    ),
    Signature(
        Id.ENI_SETUP_FAILED,
        "unexpected ec2 error while attempting to create",
        "EC2 refused an interface, without its code",
        _STAGE,
        certain=False,
    ),
    Signature(
        Id.ENI_SETUP_FAILED,
        "unexpected ec2 error while attempting to {attach|delete|describe|assign|associate|tag|detach|modify}",
        "EC2 refused what was asked of an interface",
        _FAMILY,
    ),
    Signature(
        Id.ENI_SETUP_FAILED,
        "{unable to attach network interface|failed to attach network interface|unable to create network interface"
        "|failed to create network interface|error attaching eni|network interface attachment failed}",
        "the interface could not be made or attached",
        _FAMILY,
    ),
    Signature(
        Id.ENI_SETUP_FAILED,
        "{failed to setup network namespace|failed to set up network namespace|cni setup|eni plugin failed"
        "|cni plugin invocation failed|containernetworkingerror|add network failed|no such network interface"
        "|unable to get device with hardware address|failed invoking capabilities command|failed to configure eni"
        "|failed to setup regular eni|failed to setup trunk eni|netplugin failed}",
        "the agent could not put the interface into the task's network namespace",
        _FAMILY,
    ),
)
