"""Every row of the catalogue, one table for each area of the vocabulary."""

from ecs_medic.catalogue.row import Row
from ecs_medic.catalogue.rows import ecs_exec, image, logs, network, normal, placement, push, secrets, start

AREAS: tuple[tuple[str, tuple[Row, ...]], ...] = (
    ("ECS Exec", ecs_exec.ROWS),
    ("Network", network.ROWS),
    ("Image", image.ROWS),
    ("Secrets, configuration, roles", secrets.ROWS),
    ("Logs", logs.ROWS),
    ("Start and run", start.ROWS),
    ("Placement, capacity, service", placement.ROWS),
    ("Image push and callers", push.ROWS),
    ("Normal life", normal.ROWS),
)
"""The areas in the order in which they are read, each with its rows."""

ROWS: tuple[Row, ...] = tuple(row for _, rows in AREAS for row in rows)
