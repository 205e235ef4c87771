"""The bill of materials names what is deployed, and nothing else."""

import re
from email.message import Message
from importlib.metadata import version

import pytest

from supply_chain import sbom
from tests.layers.building import ROOT


@pytest.fixture(scope="module")
def bill():
    return sbom.bill()


def test_its_libraries_are_those_of_the_layer_in_their_versions(bill):
    requirements = (ROOT / "layers" / "dependencies" / "requirements.txt").read_text()
    pinned = set(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", requirements, re.MULTILINE))
    assert {(one["name"], one["version"]) for one in bill["components"]} == pinned


def test_each_has_a_package_url_a_licence_and_the_hashes_that_its_installation_demands(bill):
    requirements = (ROOT / "layers" / "dependencies" / "requirements.txt").read_text()
    for one in bill["components"]:
        assert one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}"
        assert one["licenses"]
        hashes = {h["content"] for file in one["externalReferences"] for h in file["hashes"]}
        assert hashes
        assert all(f"sha256:{value}" in requirements for value in hashes)


def test_the_product_needs_what_it_declares(bill):
    product = bill["metadata"]["component"]
    assert (product["name"], product["type"]) == ("ecs-medic", "application")
    needs = {one["ref"]: one.get("dependsOn", []) for one in bill["dependencies"]}
    names = {one["bom-ref"]: one["name"] for one in bill["components"]}
    direct = {names[ref] for ref in needs[product["bom-ref"]]}
    assert {"boto3", "pydantic", "tzdata"} <= direct
    assert set().union(*needs.values()) <= names.keys()


def test_the_same_lock_gives_the_same_document(bill):
    assert sbom.bill() == bill


def test_the_installed_licences_are_those_of_the_versions_named(bill):
    """Licences are read from what is installed: it must be what is deployed."""
    assert {one["name"]: version(one["name"]) for one in bill["components"]} == {
        one["name"]: one["version"] for one in bill["components"]
    }


def test_a_library_without_a_known_licence_stops_it(monkeypatch):
    declared = Message()
    declared["License"] = "see the file"
    monkeypatch.setattr(sbom, "metadata", lambda _: declared)
    with pytest.raises(SystemExit, match="somebody declares no licence"):
        sbom.licences("somebody")
