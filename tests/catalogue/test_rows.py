import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

from ecs_medic.catalogue.document import document
from ecs_medic.catalogue.lookup import candidates, row
from ecs_medic.catalogue.row import Remedy
from ecs_medic.catalogue.rows import ROWS
from ecs_medic.vocabulary import NORMAL_LIFE, ROLES, Id, Role, may_be_cause, may_be_symptom

PAGE = Path(__file__).parents[2] / "docs" / "causes.md"

REMEDIES = {
    Remedy.AUTO: {
        "exec_agent_pending", "endpoint_not_available", "eni_provisioning_timeout", "registry_server_error",
        "log_group_missing", "storage_provisioning_timeout", "api_throttled", "aws_internal_error",
    },
    Remedy.ASK: {
        "exec_not_enabled", "exec_agent_stopped", "exec_task_role_lacks_ssmmessages", "exec_container_restarted",
        "vpc_endpoint_missing", "s3_gateway_not_on_route_table", "endpoint_security_group_blocks",
        "endpoint_private_dns_off", "vpc_dns_disabled", "task_security_group_blocks_egress",
        "public_subnet_without_public_ip", "execution_role_cannot_create_log_group",
    },
}  # fmt: skip
"""What the vocabulary allows to be repaired; every other cause is only ever advised on."""


def test_every_id_has_exactly_one_row():
    assert Counter(entry.id for entry in ROWS) == Counter(Id)


def test_rows_are_written_in_full():
    for entry in ROWS:
        assert 10 <= len(entry.title) <= 150, entry.id
        assert not entry.title.endswith("."), entry.id
        assert len(entry.meaning) >= 60, entry.id
        assert entry.meaning.rstrip().endswith("."), entry.id
        assert entry.fix.endswith("."), entry.id
        assert entry.documentation, entry.id


def test_documentation_is_awss_own():
    for entry in ROWS:
        for address in entry.documentation:
            assert re.fullmatch(r"https://(docs\.aws\.amazon\.com|aws\.amazon\.com)/[\w./-]+", address), address


def test_remedies_are_those_of_the_vocabulary():
    for entry in ROWS:
        if ROLES[entry.id] is Role.SYMPTOM or entry.id is Id.UNKNOWN:
            expected = None
        elif entry.id in NORMAL_LIFE:
            expected = Remedy.IGNORE
        else:
            expected = next((remedy for remedy, ids in REMEDIES.items() if entry.id in ids), Remedy.ADVISE)
        assert entry.remedy is expected, entry.id


def test_candidates_are_causes_and_each_is_named_once():
    for identifier in Id:
        listed = candidates(identifier)
        assert all(may_be_cause(cause) for cause in listed), identifier
        assert len(set(listed)) == len(listed), identifier


def test_a_symptom_has_candidates_and_what_is_both_comes_first_itself():
    for identifier in Id:
        if not may_be_symptom(identifier) or identifier is Id.UNKNOWN:
            continue
        assert candidates(identifier), identifier
        if may_be_cause(identifier):
            assert candidates(identifier)[0] is identifier
    assert candidates(Id.UNKNOWN) == ()


def test_every_cause_can_be_behind_some_symptom():
    reachable = {cause for identifier in Id if may_be_symptom(identifier) for cause in candidates(identifier)}
    assert {identifier for identifier in Id if may_be_cause(identifier)} - reachable == {
        Id.UNKNOWN,
        Id.SERVICE_SILENTLY_AT_ZERO,
    }


def test_a_misleading_log_message_keeps_the_network_in_view():
    assert Id.VPC_ENDPOINT_MISSING in candidates(Id.LOG_GROUP_MISSING)
    assert Id.LOG_REGION_WRONG in candidates(Id.LOG_GROUP_MISSING)


def test_missing_permissions_come_with_the_actions():
    for identifier in Id:
        denied = any(word in identifier for word in ("cannot_pull", "cannot_read", "cannot_decrypt", "cannot_write"))
        if denied or identifier.endswith(("_denied", "lacks_kms", "lacks_ssmmessages")):
            assert row(identifier).permissions or identifier is Id.IMAGE_ACCESS_DENIED, identifier


def test_permissions_are_iam_actions():
    for entry in ROWS:
        for action in entry.permissions:
            assert re.fullmatch(r"[a-z0-9-]+:[A-Z][A-Za-z]+", action), action
            assert "*" not in action


def test_the_page_is_up_to_date():
    assert PAGE.read_text("utf-8") == document(), "run: make docs"


def test_the_page_links_only_to_headings_that_exist():
    page = document()
    headings = set(re.findall(r"^### (\w+)$", page, re.MULTILINE))
    assert headings == {identifier.value for identifier in Id}
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= headings


def test_the_generator_prints_the_page():
    command = [sys.executable, "-m", "ecs_medic.catalogue.document"]
    printed = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    assert printed.decode("utf-8") == document()
