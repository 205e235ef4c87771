"""The same construction yields the same ids, whatever was read or created behind the scenes in between.

moto draws all ids from one seeded source, the id of every request included, and creates backends (with a default VPC,
prefix lists …) when they are first asked for. Here each backend gets a stretch of randomness of its own, named after
service, account and region, and request ids come from elsewhere.
"""

import uuid
from typing import Any

from moto.core import responses
from moto.core.base_backend import AccountSpecificBackend
from moto.moto_api._internal import mock_random

from sandbox.moto_patches.patching import replace


def install() -> None:
    """Ids of default resources depend on account and region only, all others on what was created since the seed."""
    module: Any = responses
    module.gen_amzn_requestid_long = _request_id
    original = AccountSpecificBackend.__getitem__

    @replace(AccountSpecificBackend)
    def __getitem__(self: Any, region_name: str) -> Any:  # noqa: N807 - the method that is replaced
        if region_name in self.keys() or region_name == "global":
            return original(self, region_name)
        before = mock_random.getstate()
        mock_random.seed(f"{self.service_name}/{self.account_id}/{region_name}")
        try:
            return original(self, region_name)
        finally:
            mock_random.setstate(before)


def _request_id(headers: dict[str, Any] | None = None) -> str:
    request_id = str(uuid.uuid4())
    if headers is not None:
        headers["x-amzn-requestid"] = request_id
    return request_id
