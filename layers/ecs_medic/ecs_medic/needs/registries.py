"""Which hosts a pull from a registry other than a private one of Amazon ECR talks to."""

from ecs_medic.needs.image import DOCKER_HUB
from ecs_medic.needs.need import Destination

EXTRA_HOSTS = {
    DOCKER_HUB: ("registry-1.docker.io", "auth.docker.io", "production.cloudflare.docker.com"),
}
"""Registries whose pulls need more than their own host, the registry itself first.

Source: https://docs.docker.com/desktop/setup/allow-list/
"""

PUBLIC_HOSTS = frozenset(
    {
        DOCKER_HUB,
        "docker.elastic.co",
        "gcr.io",
        "ghcr.io",
        "lscr.io",
        "mcr.microsoft.com",
        "nvcr.io",
        "public.ecr.aws",
        "quay.io",
        "registry.gitlab.com",
        "registry.k8s.io",
    }
)
"""Registries that are on the internet for everybody."""

PUBLIC_SUFFIXES = (".gcr.io", ".pkg.dev")


def registry_destinations(registry: str) -> tuple[Destination, ...]:
    """The hosts that a pull needs; no VPC endpoint serves any of them."""
    if registry in EXTRA_HOSTS:
        return tuple(Destination(host) for host in EXTRA_HOSTS[registry])
    host, _, port = registry.partition(":")
    public = host in PUBLIC_HOSTS or host.endswith(PUBLIC_SUFFIXES)
    return (Destination(host, port=int(port) if port else 443, may_be_private=not public),)
