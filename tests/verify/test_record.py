import json

import pytest

from verify.believed import BELIEVED, EXEC_EVENT
from verify.record import Record, StepEnd, Verdict, redacted

ACCOUNT = "210987654321"
EVENT = {
    "account": ACCOUNT,
    "detail": {
        "userIdentity": {
            "arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/AWSReservedSSO_Admin/alex.miller@example.com",
            "accessKeyId": "ASIA" + "QWERTYUIOPAS",
            "principalId": "AROAX:alex.miller@example.com",
            "sessionContext": {"sessionIssuer": {"userName": "AWSReservedSSO_Admin"}},
        },
        "sourceIPAddress": "203.0.113.9",
        "errorCode": "AccessDeniedException",
        "errorMessage": f"User: arn:aws:iam::{ACCOUNT}:user/alex.miller is not authorized to perform: ecs:RunTask",
        "responseElements": {"session": {"tokenValue": "AAEAAd"}},
    },
}


@pytest.mark.parametrize("secret", [ACCOUNT, "alex", "ASIA", "203.0.113.9", "AAEAAd", "AROAX", "AWSReserved"])
def test_who_it_was_is_left_out(secret):
    assert secret not in json.dumps(redacted(EVENT, ACCOUNT))


def test_what_it_is_about_stays():
    kept = redacted(EVENT, ACCOUNT)["detail"]
    assert kept["errorCode"] == "AccessDeniedException"
    assert kept["errorMessage"].endswith("(left out) is not authorized to perform: ecs:RunTask")


def test_the_roles_of_the_verification_may_be_named():
    arn = "arn:aws:sts::123456789012:assumed-role/ecs-medic-verify-stranger/verify"
    assert redacted(arn, ACCOUNT) == arn


def test_what_nobody_looked_at_is_said_to_be_unchecked(tmp_path):
    record = Record(ACCOUNT, "eu-west-1", "1.0", left=[])
    record.saw(EXEC_EVENT, Verdict.OTHERWISE, "no event | came", EVENT)
    record.steps.append(StepEnd("deploy", 3, "CalledProcessError: sam"))
    record.left.append(f"VPC: vpc-1 of {ACCOUNT}")
    record.complete()
    page = record.write(tmp_path).read_text()
    assert len(record.observations) == len(BELIEVED)
    assert page.count("| not checked |") == len(BELIEVED) - 1
    assert "| otherwise | no event \\| came |" in page
    assert "| deploy | 3 | CalledProcessError: sam |" in page
    assert "Left in the account: VPC: vpc-1 of 123456789012." in page
    (written,) = tmp_path.glob("*.json")
    for text in (page, written.read_text()):
        assert ACCOUNT not in text
        assert "alex" not in text


def test_only_what_is_as_believed_and_left_nothing_has_succeeded():
    record = Record(ACCOUNT, "eu-west-1", "1.0", left=[])
    record.saw(EXEC_EVENT, Verdict.SEEN, "as believed")
    record.complete()
    assert record.succeeded
    record.steps.append(StepEnd("deploy", 3, "no"))
    assert not record.succeeded


def test_as_long_as_the_removal_has_not_finished_nobody_knows_what_is_left():
    unfinished, finished = Record(ACCOUNT, "eu-west-1", "1.0"), Record(ACCOUNT, "eu-west-1", "1.0", left=[])
    words = "Left in the account: unknown, the removal did not finish: run `make verify-on-aws-clean`."
    assert (unfinished.succeeded, finished.succeeded) == (False, True)
    assert words in unfinished.page()
    assert "Left in the account: nothing." in finished.page()


def test_that_refused_sessions_are_heard_of_may_not_be_left_open():
    record = Record(ACCOUNT, "eu-west-1", "1.0", left=[])
    record.saw(EXEC_EVENT, Verdict.NOT_SEEN, "nothing came")
    assert not record.succeeded
