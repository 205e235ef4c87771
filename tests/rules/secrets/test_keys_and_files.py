"""Rules on the keys that secrets are encrypted with, and on environment files."""

from typing import Any

import pytest

from ecs_medic.facts import Absent, Fact, Facts, Unknown
from ecs_medic.facts.ecs import Secret
from ecs_medic.facts.iam import PolicyDocument, Role
from ecs_medic.facts.secrets import EncryptionKey, StoredParameter, StoredSecret
from ecs_medic.finding import Confidence, Finding, NotChecked
from ecs_medic.rules.secrets.env_file_denied_or_missing import env_file_denied_or_missing
from ecs_medic.rules.secrets.execution_role_cannot_decrypt import execution_role_cannot_decrypt
from ecs_medic.vocabulary import Id
from tests.builders import (
    ACCOUNT,
    EXECUTION_ROLE,
    REGION,
    allow,
    assert_not_checked,
    assert_quiet,
    assert_silent,
    container_definition,
    definition,
    deny,
    document,
    facts,
    incident,
    known,
    outcomes,
    role,
    simulated,
    the_finding,
)
from tests.rules.network import worlds as w

SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:orders/db-AbCdEf"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"
ABOUT = incident(Id.EXECUTION_ROLE_CANNOT_DECRYPT)
UNTOLD = incident(Id.EXECUTION_ROLE_CANNOT_READ_SECRET)
"""Of a key, its message says nothing."""
ROOT = {**allow("kms:*"), "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
MAY = simulated({"kms:Decrypt": "allowed"})


def encrypted(
    key: str | None = KEY,
    *,
    execution: Role | None = None,
    state: Fact[EncryptionKey] | None = None,
    policy: Fact[PolicyDocument] | None = None,
    arn: str = SECRET,
) -> Facts:
    containers = (container_definition(secrets=(Secret("DB", arn),)),)
    named = key or ""
    return facts(
        task_definition=definition(containers=containers),
        secrets={arn: known(StoredSecret(arn, "orders/db", {"v": ("AWSCURRENT",)}, kms_key_id=key))},
        encryption_keys={named: state or known(EncryptionKey(KEY, "Enabled"), "kms:DescribeKey")},
        roles={EXECUTION_ROLE: known(execution or role(EXECUTION_ROLE, simulation=MAY))},
        resource_policies={KEY: policy or known(document(ROOT), "kms:GetKeyPolicy")},
    )


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion", "PendingImport", "Unavailable"])
def test_a_key_that_is_not_enabled_decrypts_for_nobody(state):
    read = encrypted(state=known(EncryptionKey(KEY, state), "kms:DescribeKey"))
    finding = the_finding(execution_role_cannot_decrypt, ABOUT, read)
    assert finding.confidence is Confidence.CONFIRMED
    assert state in finding.summary
    assert finding.params["secret"] == SECRET
    assert finding.params["kms_key_arn"] == KEY


def test_a_key_that_does_not_exist():
    read = encrypted(state=Absent("kms:DescribeKey", "NotFoundException"))
    assert the_finding(execution_role_cannot_decrypt, ABOUT, read).confidence is Confidence.CONFIRMED


def test_all_is_well():
    assert_quiet(execution_role_cannot_decrypt, UNTOLD, encrypted())
    assert_not_checked(execution_role_cannot_decrypt, ABOUT, encrypted())
    assert_quiet(execution_role_cannot_decrypt, ABOUT, encrypted(key=None))
    assert_quiet(execution_role_cannot_decrypt, ABOUT, encrypted(key="alias/aws/secretsmanager"))


def test_the_role_may_not_and_nothing_else_lets_it():
    finding = the_finding(
        execution_role_cannot_decrypt, ABOUT, encrypted(execution=role(EXECUTION_ROLE, allow("s3:*")))
    )
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.fix.policy == document({"Effect": "Allow", "Action": ["kms:Decrypt"], "Resource": KEY})
    unread = role(EXECUTION_ROLE, simulation=simulated({"kms:Decrypt": "implicitDeny"}), policies=Unknown("iam", "x"))
    read = encrypted(execution=unread)
    found = [one for one in outcomes(execution_role_cannot_decrypt, ABOUT, read) if hasattr(one, "confidence")]
    assert [one.confidence for one in found] == [Confidence.LIKELY]


@pytest.mark.parametrize(
    ("statement", "denied"),
    [
        ({**allow("kms:*"), "Principal": {"AWS": f"{EXECUTION_ROLE}-other"}}, True),
        ({**allow("kms:Encrypt"), "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}, True),
        (
            {**ROOT, "Condition": {"StringEquals": {"kms:ViaService": f"secretsmanager.{REGION}.amazonaws.com"}}},
            False,
        ),
        ({**ROOT, "Condition": {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}}, True),
    ],
)
def test_a_keys_policy_has_the_last_word(statement, denied):
    read = encrypted(policy=known(document(statement), "kms:GetKeyPolicy"))
    if not denied:
        assert_quiet(execution_role_cannot_decrypt, UNTOLD, read)
        return
    finding = the_finding(execution_role_cannot_decrypt, ABOUT, read)
    assert finding.confidence is Confidence.CONFIRMED
    assert "policy of its key" in finding.summary


def test_behind_an_alias_only_a_permission_on_everything_shows():
    alias = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/orders"
    assert_quiet(execution_role_cannot_decrypt, ABOUT, encrypted(key=alias))
    denied = role(EXECUTION_ROLE, simulation=simulated({"kms:Decrypt": "implicitDeny"}))
    assert_not_checked(execution_role_cannot_decrypt, ABOUT, encrypted(key=alias, execution=denied))


def test_another_accounts_secret_needs_a_customer_key():
    elsewhere = SECRET.replace(ACCOUNT, "444455556666")
    finding = the_finding(execution_role_cannot_decrypt, ABOUT, encrypted(key=None, arn=elsewhere))
    assert finding.confidence is Confidence.LIKELY


def test_a_state_that_nobody_shows_is_not_checked():
    denied = Unknown("kms:DescribeKey", "denied", "kms:DescribeKey")
    said = outcomes(execution_role_cannot_decrypt, ABOUT, encrypted(state=denied))
    assert "kms:DescribeKey" in {getattr(one, "missing_permission", None) for one in said}
    assert_silent(execution_role_cannot_decrypt, ABOUT, facts())


def test_parameters_have_keys_too():
    containers = (container_definition(secrets=(Secret("DB", "/orders/db"),)),)
    read = facts(
        task_definition=definition(containers=containers),
        parameters={(REGION, "/orders/db"): known(StoredParameter("/orders/db", "SecureString", KEY))},
        encryption_keys={KEY: known(EncryptionKey(KEY, "Disabled"))},
        roles={EXECUTION_ROLE: known(role(EXECUTION_ROLE))},
    )
    assert the_finding(execution_role_cannot_decrypt, ABOUT, read).params["parameter"] == "/orders/db"


FILE = "arn:aws:s3:::shop-settings/orders/prod.env"
REFUSED = incident(Id.ENV_FILE_DENIED_OR_MISSING)
THERE = known("orders/prod.env", "s3:ListObjectsV2")
MISSING = Absent("s3:ListObjectsV2", "no object orders/prod.env in the bucket shop-settings")
READS = simulated({"s3:GetObject": "allowed", "s3:GetBucketLocation": "allowed"})


def with_file(file: Fact[str] | None, execution: Role, **changes: Any) -> Facts:
    return facts(
        task_definition=definition(containers=(container_definition(environment_files=(FILE,)),)),
        environment_files={FILE: file} if file else {},
        roles={EXECUTION_ROLE: known(execution)},
        **changes,
    )


def test_a_403_for_a_file_that_is_not_there_is_a_missing_file():
    for execution in (role(EXECUTION_ROLE), role(EXECUTION_ROLE, simulation=READS)):
        finding = the_finding(env_file_denied_or_missing, REFUSED, with_file(MISSING, execution))
        assert finding.confidence is Confidence.CONFIRMED
        assert finding.params["missing"] is True
        assert finding.params["key"] == "orders/prod.env"


def test_a_file_that_is_there_and_a_role_that_may_not_read_it():
    finding = the_finding(env_file_denied_or_missing, REFUSED, with_file(THERE, role(EXECUTION_ROLE, allow("logs:*"))))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["denied_by"] == "identity"
    assert finding.params["actions"] == ["s3:GetObject", "s3:GetBucketLocation"]
    general = incident(Id.ENV_FILE_FAILED)
    unsaid = the_finding(env_file_denied_or_missing, general, with_file(THERE, role(EXECUTION_ROLE, allow("logs:*"))))
    assert unsaid.confidence is Confidence.LIKELY, "the bucket's own policy may allow it"


def test_both_fine_and_refused_all_the_same_points_to_bucket_and_key():
    may_read = role(EXECUTION_ROLE, simulation=READS)
    finding = the_finding(env_file_denied_or_missing, REFUSED, with_file(THERE, may_read))
    assert finding.confidence is Confidence.LIKELY
    assert "bucket's policy" in finding.summary
    assert_quiet(env_file_denied_or_missing, incident(Id.ENV_FILE_FAILED), with_file(THERE, may_read))


def test_a_bucket_that_may_not_be_listed_leaves_open_whether_the_file_is_there():
    unread = Unknown("s3:ListObjectsV2", "denied: AccessDenied", "s3:ListBucket")
    said = outcomes(env_file_denied_or_missing, REFUSED, with_file(unread, role(EXECUTION_ROLE, allow("logs:*"))))
    assert "s3:ListBucket" in {getattr(one, "missing_permission", None) for one in said}
    assert [one.confidence for one in said if hasattr(one, "confidence")] == [Confidence.LIKELY]
    assert_silent(env_file_denied_or_missing, REFUSED, facts())


BUCKET = "arn:aws:s3:::shop-settings"
ANYBODY = {"Principal": "*"}
VIA = {"StringNotEquals": {"aws:SourceVpce": "vpce-s3"}}


def behind(policy: Fact[PolicyDocument], execution: Role | None = None, **changes: Any) -> Facts:
    may = role(EXECUTION_ROLE, allow("s3:*"), simulation=READS)
    return with_file(THERE, execution or may, resource_policies={BUCKET: policy}, **changes)


def bucket(*statements: object) -> Fact[PolicyDocument]:
    return known(document(*statements), "s3:GetBucketPolicy")


BY_GATEWAY = w.network()
BY_NAT = w.network(endpoints=(), routes=(w.LOCAL, w.BY_NAT))


@pytest.mark.parametrize("symptom", [Id.ENV_FILE_DENIED_OR_MISSING, Id.ENV_FILE_FAILED])
def test_a_deny_of_the_buckets_is_confirmed(symptom):
    policy = bucket({**deny("s3:GetObject", f"{BUCKET}/*"), "Principal": {"AWS": EXECUTION_ROLE}})
    finding = the_finding(env_file_denied_or_missing, incident(symptom), behind(policy))
    assert finding.confidence is Confidence.CONFIRMED
    assert finding.params["denied_by"] == "resource_policy"
    assert "no change of the role can help" in finding.fix.summary


@pytest.mark.parametrize(
    ("condition", "way", "denied"),
    [
        (VIA, BY_GATEWAY, False),
        (VIA, BY_NAT, True),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-other"}}, BY_GATEWAY, True),
        ({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, BY_GATEWAY, False),
        ({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, BY_NAT, True),
        (VIA, None, None),
        ({"StringNotEqualsIfExists": {"aws:SourceVpce": "vpce-s3"}}, BY_NAT, None),
        ({"Null": {"aws:SourceVpce": "true"}}, BY_NAT, None),
        ({"StringLike": {"aws:SourceVpce": "*"}}, BY_NAT, None),
        ({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, BY_NAT, None),
    ],
)
def test_a_deny_by_the_way_of_the_request(condition, way, denied):
    policy = bucket({**deny("s3:*", f"{BUCKET}/*"), **ANYBODY, "Condition": condition})
    where: dict[str, Any] = {"task_interface": known(w.INTERFACE), "networks": {"vpc-1": way}} if way else {}
    read = behind(policy, **where)
    said = outcomes(env_file_denied_or_missing, REFUSED, read)
    confirmed = [one for one in said if isinstance(one, Finding) and one.confidence is Confidence.CONFIRMED]
    assert bool(confirmed) is (denied is True)
    assert any(isinstance(one, NotChecked) for one in said) is (denied is None)


def test_a_bucket_may_admit_a_role_whose_own_policies_do_not():
    simulation = simulated({"s3:GetObject": "implicitDeny", "s3:GetBucketLocation": "allowed"})
    location = role(EXECUTION_ROLE, allow("s3:GetBucketLocation"), simulation=simulation)
    admits = bucket({**allow("s3:GetObject", f"{BUCKET}/*"), "Principal": {"AWS": EXECUTION_ROLE}})
    assert_silent(env_file_denied_or_missing, incident(Id.ENV_FILE_FAILED), behind(admits, location))
    account = bucket({**allow("s3:GetObject", f"{BUCKET}/*"), "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}})
    assert the_finding(env_file_denied_or_missing, REFUSED, behind(account, location)).params["actions"] == [
        "s3:GetObject"
    ]


def test_an_unread_policy_of_the_bucket_is_not_checked():
    unread = Unknown("s3:GetBucketPolicy", "denied: AccessDenied", "s3:GetBucketPolicy")
    said = outcomes(env_file_denied_or_missing, REFUSED, behind(unread))
    assert {one.missing_permission for one in said if isinstance(one, NotChecked)} == {"s3:GetBucketPolicy"}
    assert not [one for one in said if getattr(one, "confidence", None) is Confidence.CONFIRMED]
