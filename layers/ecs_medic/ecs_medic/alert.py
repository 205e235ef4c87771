"""One report becomes one alert: the message in the channel, and its details in the thread where there can be one."""

from collections.abc import Callable

from ecs_medic.report.model import Report
from ecs_medic.report.slack_blocks import alert, details
from ecs_medic.slack.deliver import post
from ecs_medic.slack.delivery import Channel, Delivery, Destination
from ecs_medic.slack.errors import SlackError


def send_alert(report: Report, destination: Destination, *, on_lost_details: Callable[[SlackError], None]) -> Delivery:
    """Post the alert, then its details.

    An alert without its details is still an alert: what keeps them from arriving goes to `on_lost_details`. A webhook
    has no threads, so there the alert alone carries what a person needs.

    Raises:
        SlackRejected: Slack will not have the alert until a person changes something.
        SlackUnavailable: another attempt may help.
    """
    threaded = isinstance(destination, Channel)
    delivery = post(alert(report, threaded=threaded), destination)
    if delivery.can_be_answered:
        try:
            post(details(report), destination, thread_ts=delivery.ts)
        except SlackError as error:
            on_lost_details(error)
    return delivery
