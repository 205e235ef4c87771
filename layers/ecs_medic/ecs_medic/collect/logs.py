"""What Amazon CloudWatch Logs answers, as facts.

Source: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DescribeLogGroups.html
"""

from ecs_medic.facts.fact import Absent, Fact, Known, Unknown
from ecs_medic.facts.logs import LogGroup
from ecs_medic.facts.reading import Json, mappings, number, text


def log_group_from_answer(answer: Fact[Json], name: str, region: str) -> Fact[LogGroup]:
    """The log group of exactly that name, in an answer of DescribeLogGroups for that name as a prefix.

    CloudWatch Logs sorts by name, so the name itself stands before all that begin with it: the first page decides.
    """
    if not isinstance(answer, Known):
        return answer
    if not isinstance(answer.value.get("logGroups"), list):
        return Unknown(answer.source, "the answer holds no list of log groups")
    for item in mappings(answer.value, "logGroups"):
        if text(item, "logGroupName") == name:
            return Known(
                LogGroup(
                    name=name,
                    region=region,
                    arn=text(item, "arn"),
                    retention_days=number(item, "retentionInDays"),
                    kms_key_id=text(item, "kmsKeyId"),
                ),
                answer.source,
            )
    return Absent(answer.source, f"no log group {name} in {region}")
