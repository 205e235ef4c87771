"""Whether the credentials of this machine are those of a role, are to be had, and have not expired."""

import ipaddress
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from ecs_medic.doctor.check import Check, Status
from ecs_medic.doctor.credential_sources import ENVIRONMENT, FULL, RELATIVE, Kind, Source, source_of
from ecs_medic.doctor.local_http import Answer, ask_locally
from ecs_medic.doctor.surroundings import Surroundings, Where
from ecs_medic.finding import JsonValue
from ecs_medic.redaction import redact
from ecs_medic.vocabulary import Id

CREDENTIALS = "credentials"
_CONTAINER_HOST = "http://169.254.170.2"
_HOSTS_OF_THE_SDK = frozenset({"169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost"})
_SETS_TASK_ROLE = "Give the task definition a task role (taskRoleArn); running tasks keep what they started with."


def source_check(environment: Mapping[str, str], place: Surroundings, home: Path) -> tuple[Check, Source]:
    """Whether what the clients here find first is a role's, and no keys that somebody has put there."""
    role = place.instance is not None and place.instance.role is not None
    source = source_of(environment, home, instance_role=role)
    hidden = _hidden(environment, place, source)
    evidence: dict[str, JsonValue] = {"kind": source.kind.value, "where": source.where, "hides": hidden}
    status, advisory, reason, fix = _judged(source, place.where, hidden)
    causes: tuple[Id, ...] = ()
    if place.where is Where.TASK and source.kind in {Kind.STATIC_KEYS, Kind.TEMPORARY_KEYS, Kind.HALF_A_KEY}:
        causes = (Id.EXEC_STATIC_AWS_KEYS_IN_CONTAINER,)
    elif place.where is Where.TASK and source.kind is Kind.NONE:
        # An application that calls nothing of AWS needs none; ECS Exec does.
        advisory = not place.exec_enabled
        causes = (Id.EXEC_TASK_ROLE_MISSING,)
    check = Check(
        CREDENTIALS, "source", status, reason, fix, advisory=advisory, candidates=causes, evidence=evidence
    )  # fmt: skip
    return check, source


def _judged(source: Source, where: Where, hidden: str | None) -> tuple[Status, bool, str, str]:
    over = f", ahead of {hidden}" if hidden else ""
    said = f"{source.where}{over}"
    if source.kind is Kind.NONE:
        fix = {
            Where.TASK: _SETS_TASK_ROLE,
            Where.EC2: "Attach an instance profile with a role to the instance.",
            Where.ELSEWHERE: "Sign in (aws sso login, aws configure sso), or name a profile in AWS_PROFILE.",
        }[where]
        return Status.BROKEN, False, "no credentials are found here: no keys, no profile, no role", fix
    if source.kind in {Kind.HALF_A_KEY, Kind.BAD_PROFILE}:
        return Status.BROKEN, False, f"the credentials come from {said}, and {source.detail}", _instead(where, source)
    if source.kind is Kind.STATIC_KEYS:
        reason = f"the credentials are long-lived keys from {said}"
        if where is Where.TASK:
            reason += "; the agent of ECS Exec takes them, too, in place of the task role"
        return Status.BROKEN, where is not Where.TASK, reason, _instead(where, source)
    if source.kind is Kind.TEMPORARY_KEYS and where is Where.TASK:
        reason = f"the credentials are temporary keys from {said}; nothing renews them, and ECS Exec takes them, too"
        return Status.BROKEN, False, reason, _instead(where, source)
    if source.kind is Kind.TEMPORARY_KEYS:
        return Status.OK, False, f"the credentials are temporary keys from {said}; nothing renews them", ""
    spoken = {
        Kind.ROLE: "a role's",
        Kind.SINGLE_SIGN_ON: "of single sign-on",
        Kind.PROGRAM: "a program's",
    }[source.kind]
    detail = f" ({source.detail})" if source.detail else ""
    return Status.OK, False, f"the credentials are {spoken}, from {said}{detail}", ""


def _instead(where: Where, source: Source) -> str:
    if source.kind is Kind.BAD_PROFILE:
        return "Name a profile that exists in AWS_PROFILE, or none."
    return {
        Where.TASK: "Take the keys out of the container (environment, secrets, environment files, image) and give the "
        "task role what they were for.",
        Where.EC2: "Take the keys away and give the instance's role what they were for.",
        Where.ELSEWHERE: "Sign in with IAM Identity Center (aws configure sso), or assume a role.",
    }[where]


def _hidden(environment: Mapping[str, str], place: Surroundings, source: Source) -> str | None:
    """The role, or the profile that is named, which is not used because of what comes before it."""
    if source.is_metadata:
        return None
    if environment.get(RELATIVE) or environment.get(FULL):
        return "the task role"
    if place.instance is not None and place.instance.role is not None and place.where is Where.EC2:
        return f"the instance's role {place.instance.role}"
    named = environment.get("AWS_PROFILE") or environment.get("AWS_DEFAULT_PROFILE")
    return f"the profile {named}" if named and source.where == ENVIRONMENT else None


def role_checks(
    environment: Mapping[str, str], place: Surroundings, now: datetime, seconds: float, host: str = _CONTAINER_HOST
) -> Iterator[Check]:
    """Whether the role of the task, or of the instance, hands its credentials out."""
    if environment.get(RELATIVE) or environment.get(FULL):
        yield _container_role(environment, now, seconds, host)
    elif place.where is Where.TASK:
        yield Check(
            CREDENTIALS,
            "task role",
            Status.BROKEN,
            f"the task has no task role: ECS names no credentials endpoint to this container ({RELATIVE} is not set)",
            _SETS_TASK_ROLE,
            advisory=not place.exec_enabled,
            candidates=(Id.EXEC_TASK_ROLE_MISSING,),
        )
    if place.where is Where.EC2 and place.instance is not None and place.instance.role is not None:
        instance = place.instance
        evidence: dict[str, JsonValue] = {"role": instance.role, "expires": instance.expires}
        if instance.problem is not None:
            status, reason, fix = Status.BROKEN, instance.problem, "Look at the role's trust policy and the profile."
        else:
            status, reason, fix = _of_expiry(f"the instance's role {instance.role}", instance.expires, now)
        yield Check(CREDENTIALS, "instance role", status, reason, fix, evidence=evidence)


def _container_role(environment: Mapping[str, str], now: datetime, seconds: float, host: str) -> Check:
    url = f"{host}{environment[RELATIVE]}" if environment.get(RELATIVE) else environment[FULL]
    shown = f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" if _is_address(url) else "its address"
    if not environment.get(RELATIVE) and not _sdk_goes_there(url):
        return Check(
            CREDENTIALS,
            "task role",
            Status.BROKEN,
            f"{FULL} leads to {shown}, where the SDKs do not go over plain HTTP",
            f"Let ECS set the variable itself, or name https, a loopback address or {_CONTAINER_HOST[7:]}.",
        )
    answer = ask_locally(url, seconds, headers=_authorization(environment))
    document = answer.document
    if document is None or not document.get("AccessKeyId"):
        fix = (
            "Look at the ECS agent on the instance, at a firewall or proxy in between, and at the role's trust policy."
        )
        said = _no_credentials(answer)
        return Check(CREDENTIALS, "task role", Status.BROKEN, f"the credentials endpoint {shown} {said}", fix)
    role = str(document.get("RoleArn") or "the task role")
    expires = str(document["Expiration"]) if document.get("Expiration") else None
    status, reason, fix = _of_expiry(role, expires, now)
    return Check(
        CREDENTIALS, "task role", status, reason, fix, evidence={"role": document.get("RoleArn"), "expires": expires}
    )


def _is_address(url: str) -> bool:
    try:
        return bool(urlsplit(url).hostname)
    except ValueError:
        return False


def _sdk_goes_there(url: str) -> bool:
    if not _is_address(url):
        return False
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname in _HOSTS_OF_THE_SDK:
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _authorization(environment: Mapping[str, str]) -> dict[str, str]:
    """The header that the endpoint may demand; it goes nowhere but there."""
    token = environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN")
    if path := environment.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"):
        try:
            token = Path(path).read_text().strip()
        except (OSError, UnicodeDecodeError):
            token = None
    return {"Accept": "application/json"} | ({"Authorization": token} if token else {})


def _no_credentials(answer: Answer) -> str:
    if answer.status is None:
        return f"cannot be asked: {answer.failure}"
    if answer.status == 200:
        return "answers with something else than credentials"
    words = " ".join(redact(answer.body).split())[:160]
    return f"answers {answer.status}: {words}" if words else f"answers {answer.status}"


def _of_expiry(role: str, expires: str | None, now: datetime) -> tuple[Status, str, str]:
    if expires is None:
        return Status.OK, f"{role} hands out credentials, and does not say until when", ""
    try:
        end = datetime.fromisoformat(expires)
    except ValueError:
        return Status.UNKNOWN, f"{role} hands out credentials until {expires[:40]!r}, whenever that is", ""
    end = end if end.tzinfo else end.replace(tzinfo=UTC)
    if end <= now:
        fix = "Compare this machine's clock; then restart what hands them out (the ECS agent, the instance's network)."
        return Status.BROKEN, f"the credentials of {role} expired {_spoken(now - end)} ago, at {expires}", fix
    return Status.OK, f"{role} hands out credentials; these last {_spoken(end - now)} more", ""


def _spoken(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes >= 2 * 24 * 60:
        return f"{minutes // (24 * 60)} days"
    return f"{minutes // 60} hours" if minutes >= 2 * 60 else f"{minutes} minutes"
