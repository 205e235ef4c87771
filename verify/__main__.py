"""`make verify-on-aws` and `make verify-on-aws-clean`: see run.py and removal.py for what they do."""

import os
import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from verify import guard, removal
from verify.place import Place
from verify.record import Record
from verify.run import Journey, verify

FOLDER = Path(__file__).parents[1] / "docs" / "verified-on-aws"
DONE, TROUBLE, REFUSED = 0, 1, 2


def main(what: str, *, emulated: bool = False) -> int:
    """0: everything as believed, and nothing is left; 1: not so; 2: it did not begin.

    `emulated` is for tests, and for nobody's environment to say: endpoints may be others than AWS's own.
    """
    _end_as_by_ctrl_c()
    journey: Journey | None = None
    try:
        if not emulated:
            guard.real(os.environ)
        place = _place()
        if what == "clean":
            return _clean(place)
        journey = Journey(place, Record(place.account, place.region, _version()), os.environ)
        page = verify(journey, FOLDER)
    except (guard.RefusedError, BotoCoreError, ClientError) as error:
        print(f"verify-on-aws: {error}", file=sys.stderr)
        return TROUBLE if journey and journey.record.steps else REFUSED
    except KeyboardInterrupt:
        print("verify-on-aws: broken off. What is left, if anything: make verify-on-aws-clean", file=sys.stderr)
        return TROUBLE
    print(page.read_text(encoding="utf-8"))
    return DONE if journey.record.succeeded else TROUBLE


def _end_as_by_ctrl_c() -> None:
    """Whoever ends it otherwise gets everything removed, too; a terminal that is closed under nohup ends nothing."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def _clean(place: Place) -> int:
    guard.confirm(place, os.environ)
    if region := removal.elsewhere(place):
        raise guard.RefusedError(f"the run that left its roles was in {region}: AWS_REGION={region}")
    if strange := removal.not_ours(place):
        print(f"named alike and not ours, left alone: {', '.join(strange)}")
    left = removal.remove(place)
    print("\n".join(left) if left else f"nothing is left in {place.region}")
    return TROUBLE if left else DONE


def _place() -> Place:
    # boto3 itself knows AWS_DEFAULT_REGION and the profile.
    session: Any = boto3.session.Session(region_name=os.environ.get("AWS_REGION") or None)
    if session.region_name is None:
        raise guard.RefusedError("say which Region: AWS_REGION=eu-west-1")
    account = str(session.client("sts").get_caller_identity()["Account"])
    return Place(account, session.region_name, lambda words: print(words, flush=True), session=session)


def _version() -> str:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"],  # noqa: S607 - whichever git
        cwd=FOLDER.parents[1],
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    return f"{version('ecs-medic')} ({commit or 'no commit'})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "run"))
