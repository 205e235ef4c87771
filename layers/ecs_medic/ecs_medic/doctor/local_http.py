"""Asking the metadata and credentials endpoints of this machine: without any proxy, and never for long."""

import http.client
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ecs_medic.doctor.connect import Connected, outcome_of

_MOST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back; `failure` says why nothing did, and `outcome` how the connection failed."""

    status: int | None = None
    body: str = ""
    failure: str = ""
    outcome: Connected | None = None

    @property
    def document(self) -> dict[str, Any] | None:
        """The body as a JSON object; None where it is none, or the status is no success."""
        if self.status != 200:
            return None
        try:
            found = json.loads(self.body)
        except ValueError:
            return None
        return found if isinstance(found, dict) else None


def ask_locally(url: str, seconds: float, *, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
    """One request, not followed anywhere; `seconds` for each step of it."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return Answer(failure="its address is none")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=max(seconds, 0.001))
    except (ValueError, http.client.InvalidURL):
        return Answer(failure="its address is none")
    where = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    try:
        connection.request(method, where, headers=dict(headers or {}))
        response = connection.getresponse()
        return Answer(response.status, response.read(_MOST_BYTES).decode("utf-8", "replace"))
    except socket.gaierror as error:
        return Answer(failure=f"{parts.hostname} does not resolve: {error.strerror}", outcome=Connected.FAILED)
    except OSError as error:
        outcome = outcome_of(error)
        words = {Connected.TIMED_OUT: f"no answer within {seconds:.1f} s", Connected.REFUSED: "connection refused"}
        return Answer(failure=words.get(outcome, str(error.strerror or error)), outcome=outcome)
    except (http.client.HTTPException, ValueError) as error:
        return Answer(failure=f"the answer is no HTTP ({type(error).__name__})", outcome=Connected.FAILED)
    finally:
        connection.close()
