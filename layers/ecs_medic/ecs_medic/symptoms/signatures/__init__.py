"""Every signature, the most specific first.

One table for each area. Among rows of equal specificity the order of the areas and then of the rows decides, so an area
whose words also occur in others' messages comes later, and normal life comes last.
"""

from ecs_medic.symptoms.signature import Signature
from ecs_medic.symptoms.signatures import (
    caller,
    ecs_exec,
    image,
    logs,
    network,
    normal,
    placement,
    push,
    secrets,
    start,
)

AREAS = (ecs_exec, push, secrets, logs, image, network, placement, caller, start, normal)

SIGNATURES: tuple[Signature, ...] = tuple(
    sorted((signature for area in AREAS for signature in area.SIGNATURES), key=lambda signature: -signature.specificity)
)
