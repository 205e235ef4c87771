"""What pulling the task's images needs."""

from collections.abc import Iterator

from ecs_medic.facts.ecs import ContainerDefinition
from ecs_medic.finding import Phase
from ecs_medic.needs.endpoints import destination, layer_bucket, s3_bucket
from ecs_medic.needs.image import EcrRegistry, Image, parse_image
from ecs_medic.needs.need import Destination, Need, Purpose
from ecs_medic.needs.registries import registry_destinations
from ecs_medic.needs.surroundings import Surroundings
from ecs_medic.partition import partition_of

PULL_ACTIONS = ("ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage")
IMPORT_ACTIONS = ("ecr:BatchImportUpstreamImage", "ecr:CreateRepository")
"""What the first pull through a pull-through cache takes beside the pull itself.

Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
"""


def image_needs(container: ContainerDefinition, around: Surroundings) -> Iterator[Need]:
    """Registry, manifest and layers of one container's image; nothing for a reference that cannot be read."""
    image = parse_image(container.image)
    if image is None:
        return
    if image.ecr is None:
        yield from _elsewhere(image, container, around)
    else:
        yield from _ecr(image, image.ecr, container, around)


def _ecr(image: Image, registry: EcrRegistry, container: ContainerDefinition, around: Surroundings) -> Iterator[Need]:
    """Layers come from Amazon S3 under an address that Amazon ECR has signed: no role of the task's takes part."""
    home = around.region
    region, partition = registry.region, partition_of(registry.region)
    by, role = around.carriers.start, around.carriers.pull_role
    api = destination("ecr.api", region, home)
    host = destination("ecr.dkr", region, home, host=image.registry)
    if registry.dual_stack or registry.fips:
        # No endpoint is documented to answer these names; of the FIPS ones nobody says that none does.
        host = Destination(host.host, host.region, may_be_private=registry.fips)
    bucket = layer_bucket(region)
    repository = f"arn:{partition}:ecr:{region}:{registry.account}:repository/{image.repository}"
    layers = f"arn:{partition}:s3:::{bucket}/*"
    yield Need(
        Purpose.REGISTRY_AUTH, Phase.REGISTRY_AUTH, by, api, image.registry, container.name, role,
        ("ecr:GetAuthorizationToken",), ("*",),
    )  # fmt: skip
    yield Need(
        Purpose.IMAGE_MANIFEST, Phase.IMAGE, by, host, image.reference, container.name, role,
        PULL_ACTIONS, (repository,),
    )  # fmt: skip
    yield Need(
        Purpose.IMAGE_LAYERS, Phase.IMAGE, by, s3_bucket(bucket, region, home), image.reference, container.name, None,
        ("s3:GetObject",), (layers,),
    )  # fmt: skip


def _elsewhere(image: Image, container: ContainerDefinition, around: Surroundings) -> Iterator[Need]:
    for host in registry_destinations(image.registry):
        yield Need(Purpose.IMAGE_MANIFEST, Phase.IMAGE, around.carriers.start, host, image.reference, container.name)
