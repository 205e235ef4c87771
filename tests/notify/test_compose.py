"""compose.yml, as far as that can be told without Docker: its form, its addresses, and what its commands do here."""

import ipaddress
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from ecs_medic_notify import identity_of, metadata
from tests.notify.test_serve import address, serving

ROOT = Path(__file__).parents[2]
FILE = yaml.safe_load((ROOT / "compose.yml").read_text())
SERVICES: dict[str, Any] = FILE["services"]
TOP = {"services", "networks"}
KNOWN = {
    *("image", "profiles", "command", "environment", "volumes", "networks", "depends_on", "healthcheck"),
    *("container_name", "working_dir", "init"),
}


def test_it_has_only_what_compose_knows():
    assert {key for key in FILE if not key.startswith("x-")} == TOP
    for service in SERVICES.values():
        assert set(service) <= KNOWN
        assert service["profiles"] in (["light"], ["official"])
        assert all(isinstance(value, str) for value in service.get("environment", {}).values())
        assert set(service.get("networks", {})) <= set(FILE["networks"])


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_a_service_needs_is_in_its_profile_and_in_this_repository(name):
    service = SERVICES[name]
    for other in service.get("depends_on", []):
        assert SERVICES[other]["profiles"] == service["profiles"]
    for volume in service["volumes"]:
        source = volume.split(":")[0]
        assert not source.startswith("./") or (ROOT / source).exists()


def test_addresses_are_in_the_network_and_differ():
    network = ipaddress.ip_network(FILE["networks"]["ecs"]["ipam"]["config"][0]["subnet"])
    taken = [FILE["networks"]["ecs"]["ipam"]["config"][0]["gateway"]]
    taken += [
        one["networks"]["ecs"]["ipv4_address"]
        for name, one in SERVICES.items()
        if name.endswith(("endpoints", "official"))
    ]
    assert len(set(taken)) == 3
    assert all(ipaddress.ip_address(one) in network for one in taken)
    assert SERVICES["local-endpoints"]["networks"]["ecs"]["ipv4_address"] == "169.254.170.2"


def test_the_official_endpoint_is_asked_for_what_it_serves():
    """Its routes are /v2, /v3, /creds and /role; source: github.com/awslabs/amazon-ecs-local-container-endpoints."""
    environment = SERVICES["batch-official"]["environment"]
    assert environment["ECS_CONTAINER_METADATA_URI_V4"] == "http://169.254.170.2/v3"
    assert environment["ECS_CONTAINER_METADATA_URI"] == "http://169.254.170.2/v3"
    assert environment["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] == "/creds"


def test_both_batch_containers_run_the_same_job():
    light, official = SERVICES["batch-light"], SERVICES["batch-official"]
    for key in ("image", "command", "working_dir", "volumes"):
        assert light[key] == official[key]
    assert (ROOT / "notify" / "examples" / light["command"][1]).is_file()


def test_the_light_endpoints_command_serves_what_the_job_asks_for():
    command = SERVICES["metadata"]["command"]
    assert command[:5] == ["python", "-m", "ecs_medic_notify", "metadata", "serve"]
    given = [one.replace("/notify/", f"{ROOT}/notify/") for one in command[5:]]
    here = [part for one in given if not one.startswith(("--port", "--address")) for part in one.split("=")]
    asked = SERVICES["batch-light"]["environment"]["ECS_CONTAINER_METADATA_URI_V4"]
    port = next(one.partition("=")[2] for one in given if one.startswith("--port"))
    assert asked.startswith(f"http://metadata:{port}/")
    with serving(*here) as (_, lines):
        url = re.sub(r"^http://[^/]+", address(lines[0]).rpartition("/v4")[0], asked)
        who = identity_of(metadata({"ECS_CONTAINER_METADATA_URI_V4": url}))
        assert (who.task_definition, who.container, who.cluster) == ("orders-import:7", "import", "shop")
        check = [part.replace("51680", url.split(":")[2].split("/")[0]) for part in _check()]
        assert subprocess.run([sys.executable, *check[2:]], timeout=30, check=False).returncode == 0


def _check() -> list[str]:
    test: list[str] = SERVICES["metadata"]["healthcheck"]["test"]
    assert test[:2] == ["CMD", "python"]
    return test


def test_what_is_added_to_the_official_answer_are_fields_of_the_endpoint():
    added = json.loads((ROOT / "notify" / "examples" / "local-endpoints-task.json").read_text())
    assert added == {"AvailabilityZone": "eu-west-1a", "LaunchType": "FARGATE"}
