"""What the containers' log drivers need.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html and using_firelens.html.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from ecs_medic.facts.ecs import ContainerDefinition, LogConfiguration
from ecs_medic.finding import Phase
from ecs_medic.needs.endpoints import destination
from ecs_medic.needs.need import Destination, Need, Purpose
from ecs_medic.needs.surroundings import Surroundings
from ecs_medic.partition import partition_of

FIRELENS_OUTPUTS = {
    "cloudwatch": "logs",
    "cloudwatch_logs": "logs",
    "firehose": "kinesis-firehose",
    "kinesis_firehose": "kinesis-firehose",
    "kinesis": "kinesis-streams",
    "kinesis_streams": "kinesis-streams",
    "s3": "s3",
}
"""Endpoint service by the name of the log router's output."""


def log_needs(container: ContainerDefinition, around: Surroundings) -> Iterator[Need]:
    """What the container's own log driver needs; drivers that reach no service over the network need nothing."""
    configuration = container.log_configuration
    if configuration is None:
        return
    if configuration.driver == "awslogs":
        yield _awslogs(configuration, container, around)
    elif configuration.driver == "splunk":
        yield from _splunk(configuration, container, around)
    elif configuration.driver == "awsfirelens":
        yield from _firelens(configuration, container, around)


def _awslogs(configuration: LogConfiguration, container: ContainerDefinition, around: Surroundings) -> Need:
    options = configuration.options
    region = options.get("awslogs-region") or around.region
    group = options.get("awslogs-group", "")
    stream = f"{options['awslogs-stream-prefix']}/{container.name}/*" if "awslogs-stream-prefix" in options else "*"
    own_endpoint = options.get("awslogs-endpoint")
    if own_endpoint:
        parts = urlsplit(own_endpoint if "//" in own_endpoint else f"//{own_endpoint}")
        where = Destination(parts.hostname or own_endpoint, region, port=parts.port or 443, may_be_private=True)
    else:
        where = destination("logs", region, around.region)
    actions: tuple[str, ...] = ("logs:CreateLogStream", "logs:PutLogEvents")
    if options.get("awslogs-create-group", "").lower() == "true":
        actions = ("logs:CreateLogGroup", *actions)
    resource = f"arn:{partition_of(region)}:logs:{region}:{around.account}:log-group:{group}:log-stream:{stream}"
    return Need(
        Purpose.LOGS, Phase.LOGS, around.carriers.start, where, group, container.name, around.carriers.log_role,
        actions, (resource,),
    )  # fmt: skip


def _splunk(configuration: LogConfiguration, container: ContainerDefinition, around: Surroundings) -> Iterator[Need]:
    url = configuration.options.get("splunk-url", "")
    try:
        host, port = urlsplit(url).hostname, urlsplit(url).port
    except ValueError:
        return
    if host:
        yield Need(
            Purpose.LOGS, Phase.LOGS, around.carriers.start, Destination(host, port=port or 443, may_be_private=True),
            url, container.name,
        )  # fmt: skip


def _firelens(configuration: LogConfiguration, container: ContainerDefinition, around: Surroundings) -> Iterator[Need]:
    """The log router is a container of the task: the task's interface and role serve it, and no start waits for it."""
    options = {key.lower(): value for key, value in configuration.options.items()}
    name = FIRELENS_OUTPUTS.get(options.get("name", "").lower())
    if name is None:
        return
    region = options.get("region") or around.region
    subject = options.get("log_group_name") or options.get("delivery_stream") or options.get("stream") or name
    yield Need(
        Purpose.LOGS, Phase.RUN, around.carriers.application, destination(name, region, around.region), subject,
        container.name, around.carriers.task_role,
    )  # fmt: skip
