"""services.txt, by which the layer keeps botocore's models, names the services that the code calls."""

import ast
from collections.abc import Iterator

from botocore.loaders import Loader

from tests.layers.building import ROOT, SERVICES

PACKAGE = ROOT / "layers" / "ecs_medic" / "ecs_medic"
OF_LIBRARIES = {"xray"}
"""What the functions' libraries make clients of by themselves."""
CALLS = {"Call", "read", "write", "client"}
"""What takes a service as its first argument: a call to be made later, one made now, a client."""


def called() -> Iterator[str]:
    """The first arguments of all those, where the code spells them out; commands do not run in Lambda."""
    for file in PACKAGE.rglob("*.py"):
        if (PACKAGE / "cli") in file.parents:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and node.args and _name(node.func) in CALLS:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield first.value


def _name(function: ast.expr) -> str | None:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else None


def test_they_are_the_services_that_are_called():
    known = set(Loader().list_available_services("service-2"))
    assert {service for service in called() if service in known} | OF_LIBRARIES == SERVICES
