"""What a module asks of AWS, by the names that it holds."""

import ast
from functools import cache
from pathlib import Path

import botocore.loaders

from ecs_medic.aws.permissions import permission_for

LOADER = botocore.loaders.create_loader()
SERVICES = set(LOADER.list_available_services("service-2"))


def operations_named_in(module: Path) -> set[str]:
    """Every AWS operation that a module names, of a service that it names, as the IAM action it needs.

    Both are found by their names alone, however the module puts its calls together.
    """
    constants = {
        node.value
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {
        permission_for(service, operation)
        for service in SERVICES & constants
        for operation in _operations(service) & constants
    }


@cache
def _operations(service: str) -> set[str]:
    return set(LOADER.load_service_model(service, "service-2")["operations"])
