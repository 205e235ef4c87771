"""A verification in the embedded account: its functions are run by this process whenever the verification waits."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from sandbox import stack
from sandbox.client import REGION, Sandbox
from tests.functions.deployment import Deployment, forget
from verify import watching
from verify.names import NAME
from verify.place import Place
from verify.record import Record
from verify.run import Journey

ACCOUNT = "123456789012"
RULED = ("ECS Task State Change", "AWS API Call via CloudTrail")


@dataclass
class Stage:
    """The account, the stack in it, and a clock that runs by being waited for."""

    account: Sandbox
    environ: Callable[[Mapping[str, str]], None]
    said: list[str] = field(default_factory=list)
    seconds: float = 0.0
    deployed: Deployment | None = None
    unheard: list[dict[str, Any]] = field(default_factory=list)
    at_pause: Callable[[], None] = lambda: None

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self.deliver()
        self.at_pause()

    def deliver(self) -> None:
        """What EventBridge does: to the product's function, and to whoever listens."""
        for event in self.account.take_events():
            self.unheard.append(event)
            if self.deployed and event["detail-type"] in RULED:
                self.deployed.handle(event)

    def heard(self) -> list[dict[str, Any]]:
        self.deliver()
        heard, self.unheard = self.unheard, []
        return heard

    def deploy(self, _: Place, __: Mapping[str, str]) -> Mapping[str, str]:
        settings = stack.deploy(self.account)
        self.environ(settings)
        forget()
        self.deployed = Deployment(self.account, settings)
        return {"LedgerTableName": settings["LEDGER_TABLE"]}

    def push(self, place: Place) -> None:
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        manifest = {"schemaVersion": 2, "mediaType": kind, "config": {"digest": f"sha256:{'0' * 64}"}, "layers": []}
        place.client("ecr").put_image(repositoryName=NAME, imageTag="latest", imageManifest=json.dumps(manifest))

    def journey(self) -> Journey:
        place = Place(ACCOUNT, REGION, self.said.append, sleep=self.sleep, clock=lambda: self.seconds)
        record = Record(ACCOUNT, REGION, "0")
        environment = {"ACCOUNT": ACCOUNT}
        return Journey(place, record, environment, deploy=self.deploy, push_image=self.push, heard=self.heard)


@pytest.fixture
def staged(account: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    def environ(settings: Mapping[str, str]) -> None:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)

    environ(account.environment)
    forget()
    monkeypatch.setattr(watching, "MINUTES_TO_BEGIN", 1.0)
    yield Stage(account, environ)
    forget()
