"""DiagnoseFunction: an EventBridge event in, a diagnosis and a Slack alert out."""

import logging
import os
from dataclasses import asdict
from datetime import UTC, datetime
from functools import cache

import boto3
from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from ecs_medic.alert import send_alert
from ecs_medic.aws.dead_letters import put_aside
from ecs_medic.aws.reader import Reader
from ecs_medic.collect.trail import check_of_exec_alerts
from ecs_medic.diagnosis import respond
from ecs_medic.finding import NotChecked
from ecs_medic.incident import Incident
from ecs_medic.report.model import Report
from ecs_medic.settings import Settings
from ecs_medic.slack.credentials import Credentials, SlackCredentialsError, read_credentials
from ecs_medic.slack.errors import SlackError, SlackRejected


def handler(event: object, context: LambdaContext) -> dict[str, object]:
    """Answer one event as the contract of DiagnoseFunction says. What is raised, Lambda tries again and then keeps."""
    settings = Settings.from_environment(os.environ)
    log = _logger()
    log.append_keys(request_id=context.aws_request_id)
    response = respond(
        event,
        reader=lambda incident: _reader(incident, log),
        post=lambda report: _post(event, report, settings, log),
        reject=lambda bad_event, reason: _reject(bad_event, reason, settings, log),
        now=datetime.now(UTC),
        gap=lambda reader: _gap_in_exec_alerts(reader, log),
    )
    log.info("answered", extra={"response": asdict(response)})
    return asdict(response)


def _reader(incident: Incident, log: Logger) -> Reader:
    log.append_keys(incident_id=incident.id)
    return _reader_of(incident.region).again()


def _post(event: object, report: Report, settings: Settings, log: Logger) -> bool:
    """Post the alert. One that Slack will never have is kept like a bad event: trying again cannot help."""
    log.append_keys(incident_id=report.incident.id)
    log.info("diagnosed", extra={"report": report.model_dump(mode="json", exclude={"ruled_out", "pictures"})})
    if settings.slack_secret is None:
        log.warning("no Slack secret is configured: the diagnosis is in this log only")
        return False
    try:
        _send(report, settings.slack_secret, settings.slack_channel, log)
    except (SlackRejected, SlackCredentialsError) as error:
        log.exception("alert not posted", extra={"reason": str(error)})
        _keep(event, str(error), settings)
        return False
    return True


def _send(report: Report, secret: str, channel: str | None, log: Logger) -> None:
    def told(error: SlackError) -> None:
        log.warning("details not posted", extra={"reason": str(error)})

    known = _credentials(secret)
    try:
        send_alert(report, known.destination(channel), on_lost_details=told)
    except (SlackRejected, SlackCredentialsError):
        # The secret may have been renewed since this environment read it.
        _credentials.cache_clear()
        if _credentials(secret) == known:
            raise
        send_alert(report, _credentials(secret).destination(channel), on_lost_details=told)


def _reject(event: object, reason: str, settings: Settings, log: Logger) -> None:
    log.error("rejected event", extra={"reason": reason})
    _keep(event, reason, settings)


def _keep(event: object, reason: str, settings: Settings) -> None:
    if settings.dead_letter_queue_url is not None:
        put_aside(boto3.client("sqs"), settings.dead_letter_queue_url, event, reason)


def _gap_in_exec_alerts(reader: Reader, log: Logger) -> NotChecked | None:
    """Looked for on the first run of each execution environment: a trail is made or removed once in a year."""
    known = _gaps()
    if reader.region not in known:
        known[reader.region] = check_of_exec_alerts(reader)
        if gap := known[reader.region]:
            log.warning("failed ECS Exec calls may raise no alert", extra={"reason": gap.reason})
    return known[reader.region]


@cache
def _reader_of(region: str) -> Reader:
    return Reader(region)


@cache
def _gaps() -> dict[str, NotChecked | None]:
    return {}


@cache
def _logger() -> Logger:
    # Where Lambda logs as JSON, botocore's own chatter would be in every invocation's log.
    logging.getLogger("botocore").setLevel(logging.WARNING)
    return Logger(service="ecs-medic")


@cache
def _credentials(secret: str) -> Credentials:
    return read_credentials(_secret_value, secret)


def _secret_value(name: str) -> str:
    value: str = boto3.client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]
    return value
