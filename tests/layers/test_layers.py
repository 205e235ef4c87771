"""The layers as they are built: for the right machine, with bytecode that Python takes, the same bytes every time."""

import platform
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.layers.building import ARCHITECTURES, ROOT, SERVICES, build, bytecode_of, contents, unchecked_hash

HERE = "x86_64" if platform.machine() in {"x86_64", "AMD64"} else "arm64"
THERE = next(name for name in ARCHITECTURES if name != HERE)


@pytest.fixture(scope="module")
def dependencies(tmp_path_factory):
    """The dependency layer built twice for this machine's processor, and once for the other."""
    wanted = {"first": HERE, "second": HERE, "other": THERE}
    folders = {name: tmp_path_factory.mktemp(name) for name in wanted}
    with ThreadPoolExecutor(2) as pool:
        done = dict(
            zip(
                wanted,
                pool.map(
                    lambda name: build(
                        "dependencies",
                        "build-DependenciesLayer",
                        folders[name],
                        ECS_MEDIC_ARCHITECTURE=wanted[name],
                    ),
                    wanted,
                ),
                strict=True,
            )
        )
    for name, result in done.items():
        assert result.returncode == 0, f"{name}: {result.stderr}"
    return {name: folder / "artifacts" for name, folder in folders.items()}


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folders = [tmp_path_factory.mktemp("package") for _ in range(2)]
    for folder in folders:
        result = build("ecs_medic", "build-EcsMedicLayer", folder)
        assert result.returncode == 0, result.stderr
    return [folder / "artifacts" for folder in folders]


def test_the_dependencies_are_the_same_bytes_every_time(dependencies):
    assert contents(dependencies["first"]) == contents(dependencies["second"])


def test_the_package_is_the_same_bytes_every_time(package):
    first, second = package
    assert contents(first) == contents(second)


@pytest.mark.parametrize(("name", "architecture"), [("first", HERE), ("other", THERE)])
def test_native_code_is_for_the_functions_processor(dependencies, name, architecture):
    native = {path: data for path, data in contents(dependencies[name]).items() if ".so" in Path(path).suffixes}
    assert native
    for path, data in native.items():
        assert data[:4] == b"\x7fELF"
        assert int.from_bytes(data[18:20], "little") == ARCHITECTURES[architecture], path


@pytest.mark.parametrize("name", ["first", "other"])
def test_no_wheel_asks_for_a_newer_glibc_than_lambdas(dependencies, name):
    tags = [
        line.removeprefix("Tag: ")
        for path, data in contents(dependencies[name]).items()
        if path.endswith(".dist-info/WHEEL")
        for line in data.decode().splitlines()
        if line.startswith("Tag: ")
    ]
    versions = [tag.split("manylinux_")[1].split("_")[:2] for tag in tags if "manylinux_" in tag]
    assert versions
    assert all((int(major), int(minor)) <= (2, 34) for major, minor in versions)
    assert all("manylinux" in tag or tag.endswith("-any") for tag in tags)


def _assert_compiled(files: dict[str, bytes]) -> None:
    sources = {path for path in files if path.endswith(".py")}
    compiled = {path: data for path, data in files.items() if path.endswith(".pyc")}
    assert {bytecode_of(source) for source in sources} == compiled.keys()
    assert all(unchecked_hash(data) for data in compiled.values())


def test_every_module_has_bytecode_that_is_taken_without_a_look_at_its_source(dependencies, package):
    _assert_compiled(contents(dependencies["first"]))
    _assert_compiled(contents(package[0]))


def test_nothing_of_this_machine_is_in_the_layers(dependencies, package):
    places = [str(folder.parent).encode() for folder in (dependencies["first"], package[0])]
    for folder in (dependencies["first"], package[0]):
        for path, data in contents(folder).items():
            assert not [place for place in places if place in data], path


def test_the_installers_own_notes_are_left_out_and_metadata_stays(dependencies):
    names = {Path(path).name for path in contents(dependencies["first"])}
    assert not names & {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
    assert "METADATA" in names
    assert not (dependencies["first"] / "python" / "bin").exists()


def test_the_package_is_whole_and_alone(package):
    folder = ROOT / "layers" / "ecs_medic" / "ecs_medic"
    mine = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    built = package[0] / "python" / "ecs_medic"
    compiled = {"__pycache__/dataclasses.bin"}
    assert {
        str(p.relative_to(built)) for p in built.rglob("*") if p.is_file() and p.suffix != ".pyc"
    } == mine | compiled
    assert [path.name for path in (package[0] / "python").iterdir()] == ["ecs_medic"]


def test_the_function_runs_on_the_layers_alone(dependencies, package):
    """What Lambda imports, without this repository's environment: the libraries, their metadata, the handler."""
    program = """
import importlib.metadata, sys
import aws_durable_execution_sdk_python, aws_lambda_powertools, boto3, pydantic
for name in ("boto3", "botocore", "pydantic", "pydantic-core", "aws-lambda-powertools"):
    assert importlib.metadata.version(name)
boto3.client("ecs", region_name="eu-west-1", aws_access_key_id="testing", aws_secret_access_key="testing")
import diagnose
for module in (boto3, pydantic, diagnose.respond):
    print(getattr(module, "__file__", None) or sys.modules[module.__module__].__file__)
"""
    layers = [str(dependencies["first"] / "python"), str(package[0] / "python")]
    assert all(line.startswith(tuple(layers)) for line in _run(program, layers))


def _run(program: str, layers: list[str]) -> list[str]:
    """The lines that a program prints where there is nothing but the handlers and these layers."""
    path = [str(ROOT / "functions"), *layers]
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {path!r}\n{program}"],
        env={"AWS_REGION": "eu-west-1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_of_botocore_there_is_what_the_functions_call_and_nothing_else(dependencies):
    data = dependencies["first"] / "python" / "botocore" / "data"
    assert {folder.name for folder in data.iterdir() if folder.is_dir()} == SERVICES
    everyones = {"endpoints.json", "partitions.json", "sdk-default-configuration.json", "_retry.json"}
    assert {file.name.removesuffix(".gz") for file in data.iterdir() if file.is_file()} == everyones
    assert not list(data.rglob("examples-1.json*"))
    assert all(len(list((data / service).iterdir())) == 1 for service in SERVICES)


def test_a_client_can_be_made_of_each_service_that_the_functions_call(dependencies):
    program = f"""
import boto3
session = boto3.session.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="eu-west-1")
for service in {sorted(SERVICES)!r}:
    client = session.client(service)
    client.waiter_names
    names = client.meta.method_to_api_mapping
    print(service, len(names) > 0 and sum(map(client.can_paginate, names)) + 1 > 0)
"""
    lines = _run(program, [str(dependencies["first"] / "python")])
    assert {line.split()[0] for line in lines} == SERVICES
    assert all(line.split()[1] == "True" for line in lines)


def test_no_dataclass_is_compiled_again(dependencies, package):
    """All of them find their code in the layer: with none, it is some 250 that are compiled at each cold start."""
    program = """
from ecs_medic import quick_start
kept = quick_start.read()
missing = []
def executing(source, *scopes):
    missing.extend([source] if quick_start._key(source) not in kept else [])
    exec(source, *scopes)
quick_start._execute_by(executing)
import diagnose, slack_actions, sweep, preflight
print(len(kept) > 200, missing[:1])
"""
    layers = [str(dependencies["first"] / "python"), str(package[0] / "python")]
    assert _run(program, layers) == ["True []"]


@pytest.mark.parametrize("wrong", ["mips", "aarch64", ""])
def test_an_unknown_architecture_is_refused_in_one_clear_line(tmp_path, wrong):
    result = build("dependencies", "build-DependenciesLayer", tmp_path, ECS_MEDIC_ARCHITECTURE=wrong)
    assert result.returncode != 0
    assert f"expected arm64 or x86_64, got {wrong}" in result.stderr
    assert not contents(tmp_path / "artifacts")
