"""boto3 clients, made when first used and kept: one per service and Region."""

from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.model import OperationModel

from ecs_medic.aws.call import Call

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=5,
    retries={"mode": "standard", "total_max_attempts": 3},
    max_pool_connections=16,
    # Otherwise botocore puts it together anew, twice for every request.
    user_agent="ecs-medic",
)


class Clients:
    """Clients of one session. boto3's sessions may not be shared by threads, its clients may: hence the lock."""

    def __init__(
        self, session: boto3.session.Session | None, on_call: Callable[[Call], None], config: Config | None = None
    ) -> None:
        """`on_call` is told of every call as it starts, each page of a list included."""
        self._session = session
        self._config = config or _CONFIG
        self._on_call = on_call
        self._clients: dict[tuple[str, str], Any] = {}
        self._paginators: dict[tuple[str, str, str], Any] = {}
        self._lock = Lock()

    def get(self, service: str, region: str) -> Any:
        """The client of that service in that Region.

        Raises:
            botocore.exceptions.BotoCoreError: the configuration or the profile cannot be used.
        """
        # Without the lock first: what is there must not wait for another one that is being made.
        made = self._clients.get((service, region))
        if made is not None:
            return made
        with self._lock:
            if (service, region) not in self._clients:
                self._clients[service, region] = self._made(service, region)
            return self._clients[service, region]

    def paginator(self, service: str, region: str, operation: str) -> Any | None:
        """What reads all pages of that operation ("DescribeTasks"); None where it has none.

        Raises:
            botocore.exceptions.BotoCoreError: the configuration or the profile cannot be used.
        """
        client, method = self.get(service, region), xform_name(operation)
        # Each is a class of its own, which botocore makes anew whenever it is asked for it.
        with self._lock:
            key = (service, region, method)
            if key not in self._paginators:
                self._paginators[key] = client.get_paginator(method) if client.can_paginate(method) else None
            return self._paginators[key]

    def _made(self, service: str, region: str) -> Any:
        session: Any = self._session or boto3.session.Session()
        self._session = session
        client = session.client(service, region_name=region, config=self._config)

        def note(params: Mapping[str, Any], model: OperationModel, **_: object) -> None:
            self._on_call(Call(service, str(model.name), dict(params), region))

        client.meta.events.register("before-parameter-build", note)
        return client
