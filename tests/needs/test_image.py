"""Image references taken apart."""

import pytest

from ecs_medic.needs.image import EcrRegistry, parse_image

DIGEST = "sha256:" + "0123456789abcdef" * 4
ACCOUNT = "123456789012"


@pytest.mark.parametrize(
    ("reference", "registry", "repository", "tag", "digest"),
    [
        ("nginx", "docker.io", "library/nginx", None, None),
        ("nginx:1.27-alpine", "docker.io", "library/nginx", "1.27-alpine", None),
        ("grafana/grafana:11.0", "docker.io", "grafana/grafana", "11.0", None),
        ("docker.io/nginx", "docker.io", "library/nginx", None, None),
        ("index.docker.io/shop/web:2", "docker.io", "shop/web", "2", None),
        (f"nginx@{DIGEST}", "docker.io", "library/nginx", None, DIGEST),
        (f"ghcr.io/shop/web:3@{DIGEST}", "ghcr.io", "shop/web", "3", DIGEST),
        ("public.ecr.aws/nginx/nginx:1", "public.ecr.aws", "nginx/nginx", "1", None),
        ("localhost/web", "localhost", "web", None, None),
        ("registry.shop.example:5000/a/b/c:x", "registry.shop.example:5000", "a/b/c", "x", None),
        ("localhost:5000/web", "localhost:5000", "web", None, None),
    ],
)
def test_the_parts(reference, registry, repository, tag, digest):
    image = parse_image(reference)
    assert image is not None
    assert (image.registry, image.repository, image.tag, image.digest) == (registry, repository, tag, digest)
    assert image.ecr is None


@pytest.mark.parametrize(
    ("host", "registry"),
    [
        (f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com", EcrRegistry(ACCOUNT, "eu-west-1")),
        (f"{ACCOUNT}.dkr.ecr.cn-north-1.amazonaws.com.cn", EcrRegistry(ACCOUNT, "cn-north-1")),
        (f"{ACCOUNT}.dkr.ecr.us-gov-west-1.amazonaws.com", EcrRegistry(ACCOUNT, "us-gov-west-1")),
        (f"{ACCOUNT}.dkr.ecr-fips.us-east-2.amazonaws.com", EcrRegistry(ACCOUNT, "us-east-2", fips=True)),
        (f"{ACCOUNT}.dkr-ecr.eu-west-1.on.aws", EcrRegistry(ACCOUNT, "eu-west-1", dual_stack=True)),
    ],
)
def test_the_private_registries_of_ecr(host, registry):
    image = parse_image(f"{host}/team/shop/orders:1")
    assert image is not None
    assert (image.ecr, image.repository, image.registry) == (registry, "team/shop/orders", host)


@pytest.mark.parametrize(
    "reference",
    [
        "",
        " ",
        "Upper/Case",
        "web:",
        "web@",
        "web@sha256:abc",
        "https://registry.example/web",
        "a//b",
        "web:t:u",
        "/web",
    ],
)
def test_what_is_malformed_has_no_parts(reference):
    assert parse_image(reference) is None
