"""Steps in which the process dies, once at a chosen point of a run or once at each of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ecs_medic.finding import JsonValue
from ecs_medic.repair.steps import Steps


class Killed(BaseException):
    """The process is gone: nothing in the workflow may notice."""


@dataclass
class Crash:
    """Kills at the point of that name, once, or at every point once; `points` are the names of those that were passed.

    `happened` is how often it killed.
    """

    at: str | None = None
    everywhere: bool = False
    points: list[str] = field(default_factory=list)
    happened: int = 0

    def point(self, name: str) -> None:
        is_new = name not in self.points
        if is_new:
            self.points.append(name)
        if is_new and (self.everywhere or name == self.at):
            self.happened += 1
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
