"""What the words of a push that failed say beyond their symptom: which of its causes it is, and what to do instead."""

from dataclasses import dataclass

from ecs_medic.symptoms.normalise import normalise
from ecs_medic.symptoms.signature import contains
from ecs_medic.vocabulary import Id


@dataclass(frozen=True, slots=True)
class PushDetail:
    """A form of words, as signatures are written, and what it says about this push."""

    id: Id
    pattern: str
    says: str


DETAILS = (
    PushDetail(
        Id.PUSH_NOT_AUTHENTICATED,
        "sudo docker",
        "The push ran with sudo, as root, and root has no login: docker keeps logins for each user of the machine. "
        "Use sudo for both commands, as below, or for neither.",
    ),
    PushDetail(
        Id.PUSH_NOT_AUTHENTICATED,
        "{unable to locate credentials|password is empty|non tty device|must be specified with --username}",
        "`aws ecr get-login-password` printed no password for docker login to read: look at what it says by itself; "
        "mostly the AWS CLI finds no credentials or no Region.",
    ),
    PushDetail(
        Id.PUSH_NOT_AUTHENTICATED,
        "{error saving credentials|error storing credentials|docker-credential|error getting credentials}",
        "docker's credential helper (credsStore or credHelpers in ~/.docker/config.json) could not keep or return the "
        "login: repair it, or remove the entry.",
    ),
    PushDetail(
        Id.PUSH_NOT_AUTHENTICATED,
        "login attempt to",
        "The registry refused the password itself: it holds for the account and Region that it was asked for in, so "
        "--region must be the one in the registry's host name, and the user name AWS.",
    ),
    PushDetail(
        Id.PUSH_NOT_AUTHENTICATED,
        "no basic auth credentials",
        "docker has no login for this very host: no login was made, it was made for another account or Region, or by "
        "another user (docker login, then sudo docker push: use sudo for both commands or for neither).",
    ),
    PushDetail(
        Id.PUSH_TOKEN_EXPIRED,
        "{security token included in the request is expired|expiredtokenexception|(expiredtoken)}",
        "It is the AWS credentials that have expired, before docker came into it: renew them (aws sso login, or assume "
        "the role again), then log in.",
    ),
    PushDetail(
        Id.PUSH_REJECTED,
        "{cannot be overwritten because|imagetagalreadyexists|repository is immutable}",
        "The tag exists already, and the repository's tags are immutable: push under a tag that is new.",
    ),
    PushDetail(
        Id.PUSH_REJECTED,
        "{an image does not exist locally|tag does not exist}",
        "There is no local image of that name: tag the one that was built with the repository's full name first.",
    ),
    PushDetail(
        Id.PUSH_REJECTED,
        "{invalid reference format|must be lowercase}",
        "The image's name is malformed: names of repositories are in lower case, and a tag holds no slash.",
    ),
)


def push_detail(symptom: Id, words: str | None) -> str | None:
    """What is known more precisely than the symptom; None where the words say no more."""
    text = normalise(words)
    return next((one.says for one in DETAILS if one.id is symptom and contains(text, one.pattern)), None)
