"""What differs between two revisions: in words, and never a value that could be a secret."""

from dataclasses import replace

from ecs_medic.collect.definition_changes import differences
from ecs_medic.facts.ecs import EfsVolume, LogConfiguration, Secret
from tests.builders import awslogs, container_definition, definition

CANARY = "hunter2-canary"
ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"


def test_the_same_revision_does_not_differ():
    assert list(differences(definition(), definition())) == []


def test_sizes_roles_and_images_show_old_and_new():
    before = definition(cpu="256", memory="512")
    after = replace(before, cpu="512", task_role_arn=None, containers=(container_definition(image="orders:2"),))
    assert list(differences(before, after)) == [
        f"taskRoleArn: {before.task_role_arn} → none",
        "cpu: 256 → 512",
        f"container app: image: {before.containers[0].image} → orders:2",
    ]


def test_of_environment_and_secrets_only_names_are_told():
    old = container_definition(
        environment={"KEEP": "1", "GONE": CANARY, "TOKEN": CANARY}, secrets=(Secret("DB", f"{ARN}-1"),)
    )
    new = container_definition(
        environment={"KEEP": "1", "TOKEN": f"{CANARY}2", "NEW": CANARY},
        secrets=(Secret("DB", f"{ARN}-2"), Secret("API", ARN)),
    )
    said = list(differences(definition(containers=(old,)), definition(containers=(new,))))
    assert said == [
        "container app: environment: NEW added",
        "container app: environment: GONE removed",
        "container app: environment: TOKEN changed",
        "container app: secrets: API added",
        "container app: secrets: DB changed",
    ]
    assert CANARY not in " ".join(said)


def test_log_options_of_awslogs_are_shown_and_those_of_other_drivers_are_not():
    def logging(configuration):
        return definition(containers=(container_definition(log_configuration=configuration),))

    said = list(differences(logging(awslogs("/old")), logging(awslogs("/new"))))
    assert said == ["container app: awslogs-group: /old → /new"]
    splunk = [LogConfiguration("splunk", {"splunk-token": token}) for token in (CANARY, f"{CANARY}2")]
    assert list(differences(logging(splunk[0]), logging(splunk[1]))) == [
        "container app: log option splunk-token changed"
    ]
    assert list(differences(logging(awslogs()), logging(None))) == ["container app: log driver: awslogs → none"]


def test_containers_and_volumes_come_and_go():
    after = definition(
        containers=(container_definition(), container_definition("proxy")), efs_volumes=(EfsVolume("data", "fs-1"),)
    )
    assert list(differences(definition(), after)) == ["EFS volumes: data added", "containers: proxy added"]
