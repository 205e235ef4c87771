"""Rules on log groups."""

from ecs_medic.facts import Fact, Facts, Unknown
from ecs_medic.facts.ecs import LogConfiguration
from ecs_medic.facts.logs import LogGroup
from ecs_medic.finding import Confidence
from ecs_medic.rules.logs.log_group_missing import log_group_missing
from ecs_medic.rules.logs.log_region_wrong import log_region_wrong
from ecs_medic.vocabulary import Id
from tests.builders import (
    LOG_GROUP,
    REGION,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    awslogs,
    container_definition,
    definition,
    facts,
    incident,
    log_group,
    no_log_group,
    the_finding,
)

ABOUT = incident(Id.LOG_GROUP_MISSING)
UNREAD = Unknown("logs:DescribeLogGroups", "denied", "logs:DescribeLogGroups")
ELSEWHERE = "us-east-1"


def logging_to(configuration: LogConfiguration, **groups: Fact[LogGroup]) -> Facts:
    containers = tuple(container_definition(name, log_configuration=configuration) for name in ("app", "proxy"))
    regions = {"home": REGION, "elsewhere": ELSEWHERE}
    return facts(
        task_definition=definition(containers=containers),
        log_groups={(regions[name], LOG_GROUP): fact for name, fact in groups.items()},
    )


def test_a_missing_group_is_one_confirmed_finding_however_many_containers_use_it():
    finding = the_finding(log_group_missing, ABOUT, logging_to(awslogs(), home=no_log_group()))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["log_group"] == LOG_GROUP
    assert finding.params["log_region"] == REGION
    assert finding.fix.cli[0] == f"aws logs create-log-group --log-group-name {LOG_GROUP} --region {REGION}"
    assert "--force-new-deployment" in finding.fix.cli[-1]


def test_an_existing_group_rules_it_out_and_an_unread_one_leaves_it_open():
    assert_quiet(log_group_missing, ABOUT, logging_to(awslogs(), home=log_group()))
    assert_not_checked(log_group_missing, ABOUT, logging_to(awslogs(), home=UNREAD), "logs:DescribeLogGroups")
    assert_silent(log_group_missing, ABOUT, logging_to(awslogs()))


def test_a_group_that_ecs_may_create_is_not_missing():
    assert_silent(log_group_missing, ABOUT, logging_to(awslogs(create_group="true"), home=no_log_group()))


def test_a_group_at_home_is_a_wrong_region_and_not_a_missing_group():
    read = logging_to(awslogs(region=ELSEWHERE), elsewhere=no_log_group(region=ELSEWHERE), home=log_group())
    assert_silent(log_group_missing, ABOUT, read)
    finding = the_finding(log_region_wrong, ABOUT, read)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["log_region"] == ELSEWHERE
    assert finding.params["actual_region"] == REGION


def test_a_group_in_neither_region_is_missing_where_the_definition_says():
    read = logging_to(awslogs(region=ELSEWHERE), elsewhere=no_log_group(region=ELSEWHERE), home=no_log_group())
    assert the_finding(log_group_missing, ABOUT, read).params["log_region"] == ELSEWHERE
    assert_silent(log_region_wrong, ABOUT, read)


def test_another_region_may_be_meant_and_is_not_judged_unread():
    assert_quiet(log_region_wrong, ABOUT, logging_to(awslogs(region=ELSEWHERE), elsewhere=log_group(region=ELSEWHERE)))
    assert_not_checked(
        log_region_wrong, ABOUT, logging_to(awslogs(region=ELSEWHERE), elsewhere=UNREAD, home=log_group())
    )
    assert_silent(log_region_wrong, ABOUT, logging_to(awslogs(), home=no_log_group()))
