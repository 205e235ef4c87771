"""What a Fargate task must reach and may do before its containers run, in ECS's order. The first failure decides."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends
from moto.utilities.utils import get_partition

from sandbox.ecs import addresses, images, roles, wording
from sandbox.ecs.images import ImageReference
from sandbox.ecs.name_resolution import name_servers
from sandbox.ecs.packet_walk import Caller, Interface, Journey, walk
from sandbox.ecs.policies import Verdict
from sandbox.ecs.world import World

LAYER = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the task does not start, in AWS's words; the container concerned, and whether the pull had begun."""

    reason: str
    container: str | None = None
    while_pulling: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """One task about to start: who starts it, over which interface, with which role."""

    world: World
    task_id: str
    definition: Any
    interface: Interface
    role: Any
    """moto's execution role, or None when the definition has none."""

    def containers(self) -> list[Mapping[str, Any]]:
        """The definition's containers."""
        return list(self.definition.container_definitions)

    def caller(self) -> str:
        """The execution role's session, as AWS's messages name it."""
        name = self.role.name if self.role else "none"
        return self.world.arn("sts", f"assumed-role/{name}/{self.task_id}", region="")

    def call(self, host: str, action: str, resource: str = "*") -> "Call":
        """Tries one API call over the task's interface with the execution role."""
        role_arn = self.role.arn if self.role else None
        journey = walk(self.world.ec2, self.interface, host, caller=Caller(action, resource, role_arn))
        if not journey.answered:
            return Call(journey, None, self.silence(host, journey))
        refusal = _refused_by_endpoint(journey, action)
        if refusal is None and self.role is not None:
            refusal = roles.refusal(self.world.account, self.world.region, self.role, action, resource)
        denial = wording.denied(self.caller(), action, resource, refusal) if refusal else None
        return Call(journey, denial, "")

    def silence(self, host: str, journey: Journey) -> str:
        """How the client reports that nobody answered."""
        subnet = self.world.ec2.get_subnet(self.interface.subnet_id)
        servers = name_servers(self.world.ec2.get_vpc(subnet.vpc_id))
        resolver = servers[0] if servers else "169.254.169.253"
        return wording.silence(journey.address, host, resolver, self.interface.private_ip)


@dataclass(frozen=True, slots=True)
class Call:
    """The outcome of one API call: unanswered (`silence` says how), denied (`denial` says how), or allowed."""

    journey: Journey
    denial: str | None
    silence: str

    @property
    def answered(self) -> bool:
        """Whether the service, or an endpoint's policy, gave any answer."""
        return self.journey.answered


type Step = Callable[[Start], Iterator[Failure]]


def first_failure(start: Start) -> Failure | None:
    """Goes through the steps in order; what succeeds may leave traces, such as log streams."""
    for step in STEPS:
        for failure in step(start):
            return failure
    return None


def registry_auth(start: Start) -> Iterator[Failure]:
    """GetAuthorizationToken, once for each region that the images' ECR registries are in."""
    for region in dict.fromkeys(i.region for _, i in _images(start) if i.region):
        host = addresses.ecr_api_host(region)
        call = start.call(host, "ecr:GetAuthorizationToken")
        if not call.answered:
            yield Failure(wording.registry_auth_unreachable(host, call.silence))
        elif call.denial:
            yield Failure(wording.registry_auth_denied(call.denial))


def secrets(start: Start) -> Iterator[Failure]:
    """`secrets`, and the credentials of private registries: from Secrets Manager or Parameter Store."""
    for container in start.containers():
        values = [secret["valueFrom"] for secret in container.get("secrets", [])]
        values += [s["valueFrom"] for s in container.get("logConfiguration", {}).get("secretOptions", [])]
        if credentials := container.get("repositoryCredentials"):
            values.append(credentials["credentialsParameter"])
        for value in values:
            fetch = _secret if ":secretsmanager:" in value else _parameter
            yield from fetch(start, value)


def _secret(start: Start, value: str) -> Iterator[Failure]:
    parts = value.split(":")
    arn, key = ":".join(parts[:7]), parts[7] if len(parts) > 7 else ""
    region = parts[3]
    found = _find_secret(start.world.account, region, arn)
    host = addresses.service_host("secretsmanager", region)
    call = start.call(host, "secretsmanager:GetSecretValue", found.arn if found else arn)
    if not call.answered:
        yield Failure(wording.secret_unreachable(arn))
    elif call.denial:
        yield Failure(wording.secret_failed(arn, call.denial))
    elif found is None:
        yield Failure(wording.secret_failed(arn, wording.secret_missing()))
    elif denial := _decryption_denied(start, found.kms_key_id):
        yield Failure(wording.secret_failed(arn, denial))
    elif key:
        yield from _json_key(str(found.secret_string or ""), key)


def _find_secret(account: str, region: str, arn: str) -> Any:
    for secret in secretsmanager_backends[account][region].secrets.values():
        if secret.arn == arn or secret.arn.rpartition("-")[0] == arn:
            return secret if getattr(secret, "deleted_date", None) is None else None
    return None


def _json_key(text: str, key: str) -> Iterator[Failure]:
    try:
        content = json.loads(text)
    except ValueError:
        yield Failure(wording.secret_not_json(text[:1]))
        return
    if not isinstance(content, dict) or key not in content:
        yield Failure(wording.secret_key_missing(key))


def _parameter(start: Start, value: str) -> Iterator[Failure]:
    world = start.world
    is_arn = value.startswith("arn:")
    region = value.split(":")[3] if is_arn else world.region
    name = value.partition(":parameter")[2] if is_arn else value
    arn = value if is_arn else world.arn("ssm", f"parameter/{value.removeprefix('/')}")
    call = start.call(addresses.service_host("ssm", region), "ssm:GetParameters", arn)
    if not call.answered:
        yield Failure(wording.parameters_unreachable())
        return
    if call.denial:
        yield Failure(wording.parameters_failed(call.denial))
        return
    backend = ssm_backends[world.account][region]
    names = dict.fromkeys((name, name.removeprefix("/")) if is_arn else (name,))
    parameter = next((p for n in names for p in backend.get_parameters([n]).values()), None)
    if parameter is None:
        yield Failure(wording.parameters_failed(f"invalid parameters: {value if not is_arn else name}"))
    elif denial := _decryption_denied(start, getattr(parameter, "keyid", None)):
        yield Failure(wording.parameters_failed(denial))


def _decryption_denied(start: Start, key: str | None) -> str | None:
    """Keys that AWS manages need no permission; the services decrypt on their side, so no path to KMS is needed."""
    if not key or key.startswith("alias/aws/"):
        return None
    arn = key if key.startswith("arn:") else start.world.arn("kms", f"key/{key}")
    refusal = roles.refusal(start.world.account, start.world.region, start.role, "kms:Decrypt", arn)
    return wording.denied(start.caller(), "kms:Decrypt", arn, refusal) if refusal else None


def environment_files(start: Start) -> Iterator[Failure]:
    """Each environment file: reach S3, be allowed to read, find the object."""
    world = start.world
    for container in start.containers():
        for env_file in container.get("environmentFiles", []):
            bucket, _, key = env_file["value"].rpartition(":::")[2].partition("/")
            call = start.call(addresses.bucket_host(bucket, world.region), "s3:GetObject", env_file["value"])
            store = s3_backends[world.account][get_partition(world.region)]
            if not call.answered:
                yield Failure(wording.env_file_unreachable())
            elif call.denial:
                yield Failure(wording.env_file_failed(403, "Forbidden"))
            elif bucket not in store.buckets or store.get_object(bucket, key) is None:
                yield Failure(wording.env_file_failed(404, "NotFound"))


def manifests(start: Start) -> Iterator[Failure]:
    """Each image's manifest, from ECR's registry or from a public one.

    What another account's registry holds, and whom its policy admits, is not known here: it is taken to be there.
    """
    for name, image in _images(start):
        url = f"https://{image.host}/v2/{image.repository}/manifests/{image.reference}"
        if image.account is None:
            journey = walk(start.world.ec2, start.interface, image.host)
            if not journey.arrived:
                how = start.silence(image.host, journey)
                yield Failure(wording.manifest_unreachable(image.text, url, how), name, while_pulling=True)
            continue
        repository = start.world.arn(
            "ecr", f"repository/{image.repository}", account=image.account, region=str(image.region)
        )
        call = start.call(image.host, "ecr:BatchGetImage", repository)
        if not call.answered:
            yield Failure(wording.manifest_unreachable(image.text, url, call.silence), name, while_pulling=True)
        elif call.denial:
            reason = wording.manifest_forbidden(image.text, image.host, image.reference)
            yield Failure(reason, name, while_pulling=True)
        elif image.account == start.world.account and images.digest_in_ecr(image) is None:
            yield Failure(wording.image_not_found(image.text), name, while_pulling=True)


def layers(start: Start) -> Iterator[Failure]:
    """Each ECR image's layers, which S3 serves with addresses that ECR has signed."""
    for name, image in _images(start):
        if image.region is None:
            continue
        bucket = addresses.layer_bucket(image.region)
        host = addresses.bucket_host(bucket, image.region)
        resource = start.world.arn("s3", f"{bucket}/{LAYER}", account="", region="")
        journey = walk(start.world.ec2, start.interface, host, caller=Caller("s3:GetObject", resource))
        if not journey.answered:
            reason = wording.layers_unreachable(image.text, start.silence(host, journey))
            yield Failure(reason, name, while_pulling=True)
        elif not journey.arrived:
            yield Failure(wording.layers_forbidden(host, LAYER), name, while_pulling=True)


def log_drivers(start: Start) -> Iterator[Failure]:
    """Each awslogs driver opens its stream before its container may run."""
    for container in start.containers():
        configuration = container.get("logConfiguration") or {}
        if configuration.get("logDriver") == "awslogs":
            yield from _awslogs(start, container["name"], configuration.get("options", {}))


def _awslogs(start: Start, container: str, options: Mapping[str, str]) -> Iterator[Failure]:
    world = start.world
    region = options.get("awslogs-region", world.region)
    group = options["awslogs-group"]
    stream = log_stream(options, container, start.task_id)
    host = addresses.service_host("logs", region)
    backend = logs_backends[world.account][region]
    group_arn = world.arn("logs", f"log-group:{group}", region=region)
    if options.get("awslogs-create-group") == "true":
        call = start.call(host, "logs:CreateLogGroup", f"{group_arn}:log-stream:")
        if not call.answered:
            yield Failure(wording.logs_unreachable(), container)
        elif call.denial:
            yield Failure(wording.log_group_creation_failed(call.denial), container)
        elif group not in backend.groups:
            backend.create_log_group(group, {})
    call = start.call(host, "logs:CreateLogStream", f"{group_arn}:log-stream:{stream}")
    if not call.answered:
        yield Failure(wording.logs_unreachable(), container)
    elif call.denial:
        yield Failure(wording.log_stream_failed(call.denial), container)
    elif group not in backend.groups:
        yield Failure(wording.log_stream_failed(wording.log_group_missing()), container)
    else:
        backend.ensure_log_stream(group, stream)


def log_stream(options: Mapping[str, str], container: str, task_id: str) -> str:
    """The name of the awslogs stream of one container of one task."""
    return f"{options.get('awslogs-stream-prefix', 'ecs')}/{container}/{task_id}"


STEPS: tuple[Step, ...] = (registry_auth, secrets, environment_files, manifests, layers, log_drivers)


def _images(start: Start) -> list[tuple[str, ImageReference]]:
    return [(c["name"], images.parse(c["image"])) for c in start.containers()]


def _refused_by_endpoint(journey: Journey, action: str) -> roles.Refusal | None:
    if journey.policy is None:
        return None
    if journey.policy is Verdict.DENY:
        return roles.Refusal("with an explicit deny in a VPC endpoint policy")
    return roles.Refusal(f"because no VPC endpoint policy allows the {action} action")
