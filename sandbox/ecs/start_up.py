"""What a task must reach and may do before its containers run, in ECS's order. The first failure decides."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from moto.logs.models import logs_backends
from moto.s3.models import s3_backends
from moto.secretsmanager.models import secretsmanager_backends
from moto.ssm.models import ssm_backends
from moto.utilities.utils import get_partition

from sandbox.ecs import addresses, file_systems, images, roles, wording
from sandbox.ecs.images import ImageReference
from sandbox.ecs.name_resolution import name_servers
from sandbox.ecs.packet_walk import Caller, Interface, Journey, walk
from sandbox.ecs.policies import Verdict
from sandbox.ecs.world import World
from sandbox.moto_patches.secret_lookup import finds_by_part

LAYER = "sha256:" + "0" * 64


@dataclass(frozen=True, slots=True)
class Failure:
    """Why the task does not start, in AWS's words; the container concerned, and whether the pull had begun."""

    reason: str
    container: str | None = None
    while_pulling: bool = False


@dataclass(frozen=True, slots=True)
class Puller:
    """Who pulls images and opens log streams: a role (None: nobody with credentials) and its session's name."""

    role: Any
    session: str


@dataclass(frozen=True, slots=True)
class Start:
    """One task about to start: who starts it, over which interface, with which role.

    `on_instance`: the agent of a container instance starts it, whose words differ from Fargate's.
    """

    world: World
    task_id: str
    definition: Any
    interface: Interface
    role: Any
    """moto's execution role, or None when the definition has none."""
    puller: Puller | None = None
    """None: the execution role."""
    on_instance: bool = False
    session: str | None = None
    """The role's session; None: the task's id."""

    def containers(self) -> list[Mapping[str, Any]]:
        """The definition's containers."""
        return list(self.definition.container_definitions)

    def by_puller(self) -> "Start":
        """The same start with the role that pulls images and writes logs."""
        if self.puller is None:
            return self
        return replace(self, role=self.puller.role, session=self.puller.session)

    def caller(self) -> str:
        """The role's session, as AWS's messages name it."""
        name = self.role.name if self.role else "none"
        return self.world.arn("sts", f"assumed-role/{name}/{self.session or self.task_id}", region="")

    def call(self, host: str, action: str, resource: str = "*") -> "Call":
        """Tries one API call over the carrying interface with the role."""
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
        call = start.by_puller().call(host, "ecr:GetAuthorizationToken")
        if start.on_instance:
            # The agent logs in for each image, and tells it as that container's reason.
            first = next(name for name, image in _images(start) if image.region == region)
            if not call.answered:
                yield Failure(wording.ecr_unreachable_from_instance(host, call.silence), first, while_pulling=True)
            elif call.denial:
                yield Failure(wording.ecr_denied_to_instance(call.denial), first, while_pulling=True)
        elif not call.answered:
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
    elif getattr(found, "deleted_date", None) is not None:
        yield Failure(wording.secret_failed(arn, wording.secret_being_deleted()))
    elif not _has_value(found):
        yield Failure(wording.secret_failed(arn, wording.secret_without_value()))
    elif denial := _decryption_denied(start, found.kms_key_id):
        yield Failure(wording.secret_failed(arn, denial))
    elif key:
        yield from _json_key(str(found.secret_string or ""), key)


def _find_secret(account: str, region: str, arn: str) -> Any:
    for secret in secretsmanager_backends[account][region].secrets.values():
        if secret.arn == arn or finds_by_part(arn, secret.arn):
            return secret
    return None


def _has_value(secret: Any) -> bool:
    return any("AWSCURRENT" in version["version_stages"] for version in secret.versions.values())


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
                yield _missing_object(start, bucket)


def _missing_object(start: Start, bucket: str) -> Failure:
    """S3 tells only those who may list the bucket that an object is not there; to all others it is forbidden."""
    world = start.world
    resource = world.arn("s3", bucket, account="", region="")
    may_not_list = roles.refusal(world.account, world.region, start.role, "s3:ListBucket", resource)
    return Failure(
        wording.env_file_failed(403, "Forbidden") if may_not_list else wording.env_file_failed(404, "NotFound")
    )


def manifests(start: Start) -> Iterator[Failure]:
    """Each image's manifest, from ECR's registry or from a public one.

    What another account's registry holds is not known here, unless that account keeps the repository in this very
    process: then its policy decides.
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
        puller = start.by_puller()
        call = puller.call(image.host, "ecr:BatchGetImage", repository)
        if not call.answered:
            yield Failure(wording.manifest_unreachable(image.text, url, call.silence), name, while_pulling=True)
        elif call.denial or not _admitted(puller, image):
            reason = wording.manifest_forbidden(image.text, image.host, image.reference)
            yield Failure(reason, name, while_pulling=True)
        elif image.account == start.world.account and images.digest_in_ecr(image) is None:
            yield Failure(wording.image_not_found(image.text), name, while_pulling=True)
        elif (served := images.platforms_in_ecr(image)) and (platform := _platform(start)) not in served:
            yield Failure(wording.platform_missing(image.text, platform), name, while_pulling=True)


def _admitted(start: Start, image: ImageReference) -> bool:
    role_arn = start.role.arn if start.role else ""
    return image.account == start.world.account or images.admitted(image, role_arn)


def _platform(start: Start) -> str:
    """What the task asks of an image index; Linux on x86-64 where its definition does not say."""
    asked = getattr(start.definition, "runtime_platform", None) or {}
    system = "windows" if str(asked.get("operatingSystemFamily", "")).startswith("WINDOWS") else "linux"
    return f"{system}/{'arm64' if asked.get('cpuArchitecture') == 'ARM64' else 'amd64'}"


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
    start = start.by_puller()
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


def volumes(start: Start) -> Iterator[Failure]:
    """Each EFS volume, which the interface that carries the start mounts."""
    for volume in getattr(start.definition, "volumes", None) or []:
        if reason := file_systems.mount_failure(start.world, start.interface, volume):
            yield Failure(reason)


STEPS: tuple[Step, ...] = (registry_auth, secrets, environment_files, manifests, layers, volumes, log_drivers)


def _images(start: Start) -> list[tuple[str, ImageReference]]:
    return [(c["name"], images.parse(c["image"])) for c in start.containers()]


def _refused_by_endpoint(journey: Journey, action: str) -> roles.Refusal | None:
    if journey.policy is None:
        return None
    if journey.policy is Verdict.DENY:
        return roles.Refusal("with an explicit deny in a VPC endpoint policy")
    return roles.Refusal(f"because no VPC endpoint policy allows the {action} action")
