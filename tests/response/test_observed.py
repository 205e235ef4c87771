"""The trace of a run, only where Lambda traces it, with the incident's id; and its metrics, unless switched off."""

import json
import subprocess
import sys

import pytest

from ecs_medic.response.meter import Metric
from ecs_medic.response.observed import Observed

SCRIPT = """
import json, sys
from ecs_medic.response.observed import Observed
observed = Observed()
with observed.run("DiagnoseFunction", "request-1"):
    observed.about("inc-1")
print(json.dumps([name for name in sys.modules if name.startswith("aws_xray_sdk")]))
"""


def imported(**environment: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, env=environment, check=True, timeout=60)
    modules: list[str] = json.loads(done.stdout.splitlines()[-1])
    return modules


SAMPLED = {"LAMBDA_TASK_ROOT": "/var/task", "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1"}


def test_the_x_ray_sdk_is_imported_for_traced_runs_alone():
    assert imported() == []
    assert imported(**SAMPLED, AWS_SAM_LOCAL="true") == []
    assert imported(**{**SAMPLED, "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0"}) == []


def test_a_traced_run_is_a_subsegment_that_names_its_incident(monkeypatch):
    for name, value in SAMPLED.items():
        monkeypatch.setenv(name, value)
    noted: list[object] = []

    class Subsegment:
        def __enter__(self) -> "Subsegment":
            return self

        def __exit__(self, *_: object) -> None:
            noted.append("end")

    class Provider:
        def in_subsegment(self, name: str) -> Subsegment:
            noted.append(name)
            return Subsegment()

    class Tracer:
        def __init__(self, *, service: str, auto_patch: bool) -> None:
            noted.append((service, auto_patch))
            self.provider = Provider()

        def put_annotation(self, key: str, value: str) -> None:
            noted.append((key, value))

    monkeypatch.setattr("ecs_medic.response.observed.Tracer", Tracer)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "ecs-medic-two")
    observed = Observed()
    with observed.run("SweepFunction", "request-1"):
        observed.about("inc-1")
        observed.about(None)
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Sampled=0")
    with observed.run("SweepFunction", "request-2"):
        observed.about("inc-2")
    assert noted == [("ecs-medic-two", False), "## SweepFunction", ("incident_id", "inc-1"), "end"]


@pytest.mark.parametrize(("switch", "lines"), [({}, 2), ({"POWERTOOLS_METRICS_DISABLED": "true"}, 0)])
def test_metrics_are_written_with_the_run_and_can_be_switched_off(capsys, switch, lines):
    observed = Observed(switch)
    with observed.run("DiagnoseFunction", "request-1"):
        # More than a hundred values of one metric are two lines: the format takes no more.
        for _ in range(101):
            observed.meter(Metric.SUPPRESSED)
    written = [line for line in capsys.readouterr().out.splitlines() if Metric.SUPPRESSED in line]
    assert len(written) == lines
