"""Nothing is made before it is certain that this is the account that was meant, and that nothing else lives in it."""

import re
from collections.abc import Mapping
from typing import Any

from verify.names import NAME, SECRET
from verify.place import Place

PLAN = f"""\
It will make, in {{region}} of account {{account}}, and remove again:
  the stack {NAME} (functions, a table, a queue, a key, alarms) and what it is deployed from
  a VPC with one private subnet, a cluster, two services of one tiny Fargate task each, a repository with one image
  up to five interface endpoints in one zone, which the stack itself makes to repair the service
  a trail with its bucket, two rules and a queue to hear what EventBridge delivers, three roles, a secret
It takes about an hour, most of it waiting for CloudTrail, and costs less than one US dollar. The stack's key stays for
the seven days that KMS demands before it is deleted, at no cost.
"""


class RefusedError(Exception):
    """It may not run here; the message says why, and nothing has been made."""


def admit(place: Place, environment: Mapping[str, str]) -> None:
    """Lets the verification begin.

    Raises:
        RefusedError: ACCOUNT does not name this account, or something else lives in it.
    """
    confirm(place, environment)
    if busy := _other_services(place):
        raise RefusedError(
            f"the account runs services in {', '.join(busy)}: this needs an account in which nothing else lives"
        )
    place.say(PLAN.format(region=place.region, account=place.account))


def confirm(place: Place, environment: Mapping[str, str]) -> None:
    """That ACCOUNT names the account that the credentials are of, and that nobody's own secret is in the way.

    Raises:
        RefusedError: it is not so.
    """
    asked = environment.get("ACCOUNT", "")
    if not re.fullmatch(r"\d{12}", asked):
        raise RefusedError("say which account: ACCOUNT=123456789012 make verify-on-aws")
    found = str(place.client("sts").get_caller_identity()["Account"])
    if asked != found or place.account != found:
        raise RefusedError(f"ACCOUNT is {asked}, and the credentials are those of another account")
    if re.search(rf"(^|:secret:){SECRET}(-\w{{6}})?$", environment.get("SLACK_SECRET", "")):
        raise RefusedError(f"SLACK_SECRET is {SECRET}, which a verification makes and removes: name yours otherwise")


def real(environment: Mapping[str, str]) -> None:
    """That AWS itself is what answers: nobody shall write down what an emulator did.

    Raises:
        RefusedError: the environment names another endpoint.
    """
    if named := sorted(name for name, value in environment.items() if _is_endpoint(name) and value):
        raise RefusedError(f"{', '.join(named)}: this is about AWS itself, unset it")


def _is_endpoint(name: str) -> bool:
    return name == "AWS_ENDPOINT_URL" or name.startswith("AWS_ENDPOINT_URL_")


def _other_services(place: Place) -> list[str]:
    ecs: Any = place.client("ecs")
    clusters = [arn for page in ecs.get_paginator("list_clusters").paginate() for arn in page["clusterArns"]]
    others = [arn for arn in clusters if arn.rsplit("/", 1)[-1] != NAME]
    return [arn.rsplit("/", 1)[-1] for arn in others if ecs.list_services(cluster=arn, maxResults=1)["serviceArns"]]
