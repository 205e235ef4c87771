"""Steps in which the process dies once, at a chosen point of a run."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ecs_medic.finding import JsonValue
from ecs_medic.repair.steps import Steps


class Killed(BaseException):
    """The process is gone: nothing in the workflow may notice."""


@dataclass
class Crash:
    """Kills at the point of that name, once; `points` are the names of those that were passed, in their order."""

    at: str | None = None
    points: list[str] = field(default_factory=list)
    happened: bool = False

    def point(self, name: str) -> None:
        if name not in self.points:
            self.points.append(name)
        if name == self.at and not self.happened:
            self.happened = True
            raise Killed(name)


@dataclass(frozen=True)
class CrashingSteps:
    """Implements Steps: before a step, before and after its work (whose result is then not kept), and after it."""

    steps: Steps
    crash: Crash

    def do(self, name: str, work: Callable[[], JsonValue]) -> JsonValue:
        self.crash.point(f"before {name}")
        result = self.steps.do(name, lambda: self._worked(name, work))
        self.crash.point(f"after {name}")
        return result

    def wait(self, name: str, seconds: int) -> None:
        self.crash.point(f"before {name}")
        self.steps.wait(name, seconds)
        self.crash.point(f"after {name}")

    def ask(self, name: str, put: Callable[[str], None], seconds: int) -> Mapping[str, JsonValue] | None:
        self.crash.point(f"before {name}")
        answer = self.steps.ask(name, lambda callback_id: self._put(name, put, callback_id), seconds)
        self.crash.point(f"after {name}")
        return answer

    def _worked(self, name: str, work: Callable[[], JsonValue]) -> JsonValue:
        self.crash.point(f"begun {name}")
        result = work()
        self.crash.point(f"worked {name}")
        return result

    def _put(self, name: str, put: Callable[[str], None], callback_id: str) -> None:
        self.crash.point(f"begun {name}")
        put(callback_id)
        self.crash.point(f"worked {name}")
