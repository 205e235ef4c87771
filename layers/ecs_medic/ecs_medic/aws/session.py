"""One boto3 session for a whole execution environment: what botocore reads to make a client is then read once."""

from threading import RLock
from typing import Any

import boto3


class SharedSession(boto3.session.Session):
    """A session whose clients several threads may ask for: boto3's own may not be shared while it makes one."""

    def __init__(self, **settings: Any) -> None:
        """`settings` are boto3's."""
        super().__init__(**settings)
        self._lock = RLock()

    def client(self, *arguments: Any, **settings: Any) -> Any:
        """As boto3's, one after the other."""
        with self._lock:
            return super().client(*arguments, **settings)
