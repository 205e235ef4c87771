"""Who AWS takes this machine's callers for: the only question that is put to the account."""

from dataclasses import dataclass

from ecs_medic.doctor.bounded import Overdue
from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.credentials import CREDENTIALS
from ecs_medic.facts.fact import Known
from ecs_medic.redaction import redact

IDENTITY = "identity"


@dataclass(frozen=True, slots=True)
class Caller:
    """What AWS STS said. `refused` is why the credentials are no good, `unheard` why there is no answer."""

    arn: str | None = None
    account: str | None = None
    refused: str | None = None
    unheard: str | None = None


def caller(region: str) -> Caller:
    """Asks AWS STS with whatever credentials the environment leads to; no permission is needed for that."""
    # boto3 is slow to import, and most that is asked here goes without it.
    from ecs_medic.aws.reader import AwsUnavailable, Reader  # noqa: PLC0415

    try:
        answer = Reader(region).read("sts", "GetCallerIdentity", {})
    except AwsUnavailable as error:
        return Caller(refused=redact(str(error)))
    if isinstance(answer, Known):
        return Caller(str(answer.value.get("Arn") or ""), str(answer.value.get("Account") or "") or None)
    return Caller(unheard=redact(getattr(answer, "reason", "") or "no answer"))


def identity_check(found: Caller | Overdue, account: str | None) -> Check:
    """The check on what STS said; `account` is the one that is meant, where that is known."""
    if isinstance(found, Overdue):
        found = Caller(unheard=f"no answer within {found.seconds:.1f} s")
    if found.refused is not None:
        fix = "Sign in again, or renew the keys; if they are a role's, look at the clock and at what hands them out."
        return Check(CREDENTIALS, IDENTITY, Status.BROKEN, found.refused, fix)
    if found.arn is None:
        reason = f"AWS STS did not say whose they are: {found.unheard}"
        return Check(
            CREDENTIALS, IDENTITY, Status.UNKNOWN, reason, "Without a way to STS, whether they are valid is not known."
        )
    evidence = {"arn": found.arn, "account": found.account}
    if account is not None and found.account is not None and found.account != account:
        return Check(
            CREDENTIALS,
            IDENTITY,
            Status.BROKEN,
            f"the credentials are {found.arn}'s, of another account than {account}",
            f"Choose credentials of {account} (AWS_PROFILE), unless the other account is meant.",
            advisory=True,
            evidence=evidence,
        )
    kind = found.arn.split(":", 5)[-1]
    if kind == "root" or kind.startswith("user/"):
        return Check(
            CREDENTIALS,
            IDENTITY,
            Status.BROKEN,
            f"the caller is {found.arn}: {'the account itself' if kind == 'root' else 'an IAM user'}, not a role",
            "Use a role, or IAM Identity Center, in place of long-lived keys.",
            advisory=True,
            evidence=evidence,
        )
    return Check(CREDENTIALS, IDENTITY, Status.OK, f"AWS takes the caller for {found.arn}", evidence=evidence)
