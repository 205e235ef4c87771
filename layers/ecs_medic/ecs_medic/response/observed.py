"""Logs as JSON, metrics for CloudWatch in the same log, and a trace: how a function is watched.

Source: https://docs.aws.amazon.com/powertools/python/latest/
"""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from aws_lambda_powertools import Logger, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from ecs_medic import quick_start
from ecs_medic.response.meter import Metric

NAMESPACE = "ecs-medic"
SERVICE = "ecs-medic"
"""The metrics' dimension where the environment names no other (POWERTOOLS_SERVICE_NAME)."""
INCIDENT = "incident_id"


class Observed:
    """One for each execution environment."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        # Where Lambda logs as JSON, botocore's own chatter would be in every invocation's log.
        logging.getLogger("botocore").setLevel(logging.WARNING)
        service = environment.get("POWERTOOLS_SERVICE_NAME") or SERVICE
        self.log = Logger(service=service)
        self._metrics = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, service=service)
        # The provider by itself does not look at it.
        self._is_silent = environment.get("POWERTOOLS_METRICS_DISABLED", "").lower() in {"1", "true"}
        self._environment = environment
        self._service = service
        self._made: Tracer | None = None
        self._tracer: Tracer | None = None

    def meter(self, metric: Metric, value: float = 1) -> None:
        """Note one value for CloudWatch; nothing where POWERTOOLS_METRICS_DISABLED says so."""
        if self._is_silent:
            return
        unit = MetricUnit.Milliseconds if metric is Metric.TIME_TO_ALERT else MetricUnit.Count
        self._metrics.add_metric(name=metric.value, unit=unit, value=max(0.0, value))

    def about(self, incident_id: str | None) -> None:
        """The log lines from here on, and the trace, are of this incident; None: of none."""
        if incident_id is None:
            self.log.remove_keys([INCIDENT])
            return
        self.log.append_keys(**{INCIDENT: incident_id})
        if self._tracer is not None:
            self._tracer.put_annotation(INCIDENT, incident_id)

    @contextmanager
    def run(self, function: str, request_id: str) -> Iterator[None]:
        """One run: its log lines belong together, its metrics are written when it ends, however it ends."""
        self.log.clear_state()
        self.log.append_keys(function=function, request_id=request_id)
        try:
            with self._traced(function):
                yield
        finally:
            if self._metrics.metric_set:
                self._metrics.flush_metrics()
            quick_start.settled()

    @contextmanager
    def _traced(self, function: str) -> Iterator[None]:
        self._tracer = self._tracer_of_this_run()
        if self._tracer is None:
            yield
            return
        # Lambda's own segment takes no annotations. An exception that passes through here is in the trace.
        with self._tracer.provider.in_subsegment(name=f"## {function}"):
            yield

    def _tracer_of_this_run(self) -> Tracer | None:
        """None where Lambda does not trace this run, outside of Lambda, and in `sam local`: with a tracer comes the
        X-Ray SDK, which takes a fifth of the function's whole import time.

        Calls of AWS are not patched: the function's own log tells of them.
        """
        environment = self._environment
        if "LAMBDA_TASK_ROOT" not in environment or "AWS_SAM_LOCAL" in environment:
            return None
        if "Sampled=1" not in environment.get("_X_AMZN_TRACE_ID", ""):
            return None
        if self._made is None:
            self._made = Tracer(service=self._service, auto_patch=False)
        return self._made
