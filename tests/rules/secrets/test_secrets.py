"""Rules on secrets and parameters: by metadata, by the message, never by a value."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ecs_medic.facts import Absent, Fact, Facts, Unknown
from ecs_medic.facts.ecs import Secret
from ecs_medic.facts.secrets import StoredParameter, StoredSecret
from ecs_medic.finding import Confidence, Finding
from ecs_medic.incident import Incident, Message
from ecs_medic.rules.secrets.secret_arn_invalid import secret_arn_invalid
from ecs_medic.rules.secrets.secret_has_no_value import secret_has_no_value
from ecs_medic.rules.secrets.secret_key_missing import secret_key_missing
from ecs_medic.rules.secrets.secret_not_found import secret_not_found
from ecs_medic.rules.secrets.secret_not_json import secret_not_json
from ecs_medic.rules.secrets.ssm_parameter_not_found import ssm_parameter_not_found
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    NOW,
    REGION,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    container_definition,
    definition,
    facts,
    incident,
    known,
    outcomes,
    the_finding,
)

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:orders/db-AbCdEf"
VERSION = "11111111-2222-3333-4444-555555555555"
UNREAD = Unknown("secretsmanager:DescribeSecret", "denied: AccessDeniedException", "secretsmanager:DescribeSecret")
ABSENT = Absent("secretsmanager:DescribeSecret", "ResourceNotFoundException")
ABOUT = incident(Id.SECRET_FETCH_FAILED)


def asking(*values: str, **changes: Any) -> Facts:
    secrets = tuple(Secret(f"NAME_{number}", value) for number, value in enumerate(values))
    return replace(facts(task_definition=definition(containers=(container_definition(secrets=secrets),))), **changes)


def stored(arn: str = SECRET, **changes: Any) -> Fact[StoredSecret]:
    well = StoredSecret(arn, "orders/db", {VERSION: ("AWSCURRENT",)})
    return known(replace(well, **changes), "secretsmanager:DescribeSecret")


def said(symptom: Id, words: str) -> Incident:
    return incident(symptom, message=Message(stopped_reason=words))


def test_an_absent_secret_is_confirmed_and_a_stored_one_excluded():
    finding = the_finding(secret_not_found, ABOUT, asking(f"{SECRET}:key::", secrets={SECRET: ABSENT}))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["secret"] == SECRET
    assert finding.params["container"] == "app"
    assert_quiet(secret_not_found, ABOUT, asking(SECRET, secrets={SECRET: stored()}))
    assert_not_checked(
        secret_not_found, ABOUT, asking(SECRET, secrets={SECRET: UNREAD}), "secretsmanager:DescribeSecret"
    )
    assert_silent(secret_not_found, ABOUT, asking(SECRET))


def test_a_secret_that_was_created_again_is_named():
    again = stored(SECRET.replace("AbCdEf", "GhIjKl"))
    read = asking(SECRET, secrets={SECRET: ABSENT}, secrets_at_home={"orders/db": again})
    finding = the_finding(secret_not_found, ABOUT, read)
    assert finding.params["closest"] == SECRET.replace("AbCdEf", "GhIjKl")
    assert "creating it again" in finding.summary


@pytest.mark.parametrize(
    ("change", "words"), [((REGION, "us-east-1"), "is in eu-west-1"), ((ACCOUNT, "444455556666"), "in this account")]
)
def test_a_secret_asked_of_another_region_or_account_is_found_at_home(change, words):
    elsewhere = SECRET.replace(*change)
    read = asking(elsewhere, secrets={elsewhere: ABSENT}, secrets_at_home={"orders/db": stored()})
    finding = the_finding(secret_not_found, ABOUT, read)
    assert words in finding.summary
    assert finding.confidence is (Confidence.CONFIRMED if "us-east-1" in elsewhere else Confidence.LIKELY)


def test_another_accounts_secret_that_nobody_shows_is_never_confirmed():
    elsewhere = SECRET.replace(ACCOUNT, "444455556666")
    read = asking(elsewhere, secrets={elsewhere: UNREAD}, secrets_at_home={"orders/db": stored()})
    assert_not_checked(secret_not_found, ABOUT, read)
    finding = the_finding(secret_not_found, incident(Id.SECRET_NOT_FOUND), read)
    assert finding.confidence is Confidence.LIKELY


def test_a_secret_waiting_for_its_deletion_can_be_restored():
    read = asking(SECRET, secrets={SECRET: stored(deleted_at=NOW - timedelta(days=1))})
    finding = the_finding(secret_not_found, ABOUT, read)
    assert finding.confidence is Confidence.CONFIRMED
    assert "restore-secret" in finding.fix.cli[0]
    assert_silent(secret_has_no_value, ABOUT, read)


WORD = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:orders-backup"
"""The ARN of "orders-backup" without its suffix, or of "orders" with one: nobody can tell."""
BACKUP = stored(f"{WORD}-AbC123", name="orders-backup")


@pytest.mark.parametrize("home", [BACKUP, ABSENT, UNREAD])
def test_a_name_that_ends_like_an_arn_is_not_called_missing_before_it_was_looked_up_by_name(home):
    read = asking(WORD, secrets={WORD: ABSENT}, secrets_at_home={"orders-backup": home})
    finding = the_finding(secret_not_found, ABOUT, read)
    assert finding.confidence is (Confidence.LIKELY if home is UNREAD else Confidence.CONFIRMED)
    assert ("only the whole ARN finds it" in finding.summary) is (home is BACKUP)
    assert finding.params.get("closest") == (f"{WORD}-AbC123" if home is BACKUP else None)


def test_a_partial_arn_is_found_by_its_whole_one():
    partial = SECRET.removesuffix("-AbCdEf")
    assert_quiet(secret_not_found, ABOUT, asking(partial, secrets={partial: stored()}))


@pytest.mark.parametrize("versions", [{}, {VERSION: ("AWSPENDING",)}])
def test_a_secret_without_a_current_version_has_no_value(versions):
    read = asking(SECRET, secrets={SECRET: stored(versions=versions)})
    assert the_finding(secret_has_no_value, ABOUT, read).confidence is Confidence.CONFIRMED
    assert_quiet(secret_has_no_value, ABOUT, asking(SECRET, secrets={SECRET: stored()}))
    assert_silent(secret_has_no_value, ABOUT, asking(SECRET, secrets={SECRET: UNREAD}))
    by_version = f"{SECRET}:::{VERSION}"
    assert_silent(secret_has_no_value, ABOUT, asking(by_version, secrets={SECRET: stored(versions=versions)}))


def test_a_stage_is_metadata_and_a_version_without_a_stage_is_not_listed():
    stage = asking(f"{SECRET}::BLUE:", secrets={SECRET: stored()})
    finding = the_finding(secret_key_missing, ABOUT, stage)
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["version_stage"] == "BLUE"
    version = asking(f"{SECRET}:::{VERSION[::-1]}", secrets={SECRET: stored()})
    assert the_finding(secret_key_missing, ABOUT, version).confidence is Confidence.POSSIBLE
    assert the_finding(secret_key_missing, incident(Id.SECRET_KEY_MISSING), version).confidence is Confidence.LIKELY
    assert_silent(secret_key_missing, ABOUT, asking(f"{SECRET}::AWSCURRENT:", secrets={SECRET: stored()}))


def test_a_key_is_never_looked_up_and_only_the_message_names_it():
    values = [f"{SECRET}:username::", f"{SECRET}:pasword::"]
    read = asking(*values, secrets={SECRET: stored()})
    assert_not_checked(secret_key_missing, ABOUT, read)
    words = "unable to retrieve secret from asm: retrieved secret from Secrets Manager did not contain json key pasword"
    finding = the_finding(secret_key_missing, said(Id.SECRET_KEY_MISSING, words), read)
    assert finding.confidence is Confidence.LIKELY
    assert finding.params["json_key"] == "pasword"
    unnamed = the_finding(secret_key_missing, said(Id.SECRET_KEY_MISSING, "no json key"), asking(*values))
    assert unnamed.params["secret"] == SECRET
    assert_silent(secret_key_missing, ABOUT, asking(SECRET, secrets={SECRET: stored()}))


def test_a_secret_of_rds_has_two_keys():
    read = asking(f"{SECRET}:host::", secrets={SECRET: stored(owning_service="rds")})
    assert the_finding(secret_key_missing, ABOUT, read).confidence is Confidence.LIKELY
    fine = asking(f"{SECRET}:username::", secrets={SECRET: stored(owning_service="rds")})
    assert_not_checked(secret_key_missing, ABOUT, fine)


def test_no_json_is_the_messages_word_about_the_references_with_a_key():
    other = SECRET.replace("db", "mail")
    read = asking(SECRET, f"{other}:user::", secrets={SECRET: stored(), other: stored(other)})
    finding = the_finding(secret_not_json, incident(Id.SECRET_NOT_JSON), read)
    assert finding.confidence is Confidence.LIKELY
    assert finding.params["secret"] == other
    assert_silent(secret_not_json, ABOUT, read)
    assert_silent(secret_not_json, incident(Id.SECRET_NOT_JSON), asking(SECRET))


@pytest.mark.parametrize(
    "value",
    [
        f"{SECRET}:key",
        f"{SECRET}:key:",
        f"{SECRET}:key:::",
        SECRET.replace(":secret:", ":"),
        f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:parameter:orders",
        f"arn:aws:s3:::{ACCOUNT}",
        SECRET.replace("arn:aws:", "arn:aws-cn:"),
        "",
    ],
)
def test_a_malformed_reference_is_confirmed(value):
    finding = the_finding(secret_arn_invalid, ABOUT, asking(value))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["container"] == "app"


@pytest.mark.parametrize("value", [SECRET, f"{SECRET}:key::", f"{SECRET}::AWSCURRENT:", f"{SECRET}:::{VERSION}"])
def test_a_whole_reference_is_excluded(value):
    assert_quiet(secret_arn_invalid, ABOUT, asking(value))
    assert_silent(secret_arn_invalid, ABOUT, asking("orders", "/orders/db"))
    assert_silent(secret_arn_invalid, ABOUT, replace(asking(value), task_definition=UNREAD))


NO_PARAMETER = Absent("ssm:DescribeParameters", f"no parameter /orders/db in {REGION}")


def parameter(fact: Fact[StoredParameter], name: str = "/orders/db", value: str = "/orders/db") -> Facts:
    return asking(value, parameters={(REGION, name): fact})


def test_parameters():
    finding = the_finding(ssm_parameter_not_found, ABOUT, parameter(NO_PARAMETER))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["parameter"] == "/orders/db"
    assert finding.params["parameter_arn"] == f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/orders/db"
    assert_quiet(ssm_parameter_not_found, ABOUT, parameter(known(StoredParameter("/orders/db"))))
    denied = Unknown("ssm:DescribeParameters", "denied", "ssm:DescribeParameters")
    assert_not_checked(ssm_parameter_not_found, ABOUT, parameter(denied), "ssm:DescribeParameters")
    assert_silent(ssm_parameter_not_found, ABOUT, asking("/orders/db"))


def test_a_parameter_that_stands_for_a_secret_is_a_secret():
    name = "/aws/reference/secretsmanager/orders/db"
    arn = SECRET.removesuffix("-AbCdEf")
    read = asking(name, secrets={arn: ABSENT})
    assert_silent(ssm_parameter_not_found, ABOUT, read)
    assert the_finding(secret_not_found, ABOUT, read).params["secret"] == arn


def test_of_several_secrets_only_the_one_that_the_message_names_is_judged():
    other = SECRET.replace("db", "mail")
    read = asking(SECRET, other, secrets={SECRET: ABSENT, other: ABSENT})
    named = said(Id.SECRET_NOT_FOUND, f"failed to fetch secret {other} from secrets manager")
    assert the_finding(secret_not_found, named, read).params["secret"] == other
    assert len([one for one in outcomes(secret_not_found, ABOUT, read) if isinstance(one, Finding)]) == 2


def test_registry_credentials_may_be_named_without_an_arn():
    container = container_definition(image="registry.example.com/a:1", repository_credentials="registry/login")
    arn = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:registry/login"
    read = facts(task_definition=definition(containers=(container,)), secrets={arn: ABSENT})
    assert the_finding(secret_not_found, ABOUT, read).params["secret"] == arn
    assert_silent(ssm_parameter_not_found, ABOUT, read)
