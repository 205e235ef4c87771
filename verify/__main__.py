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


def main(what: str) -> int:
    """0: everything as believed, and nothing is left; 1: not so; 2: it did not begin."""
    # Whoever ends it otherwise than by Ctrl-C gets everything removed, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        place = _place()
        if what == "clean":
            return _clean(place)
        journey = Journey(place, Record(place.account, place.region, _version()), os.environ)
        page = verify(journey, FOLDER)
    except guard.RefusedError as error:
        print(f"verify-on-aws: {error}", file=sys.stderr)
        return REFUSED
    except (BotoCoreError, ClientError) as error:
        print(f"verify-on-aws: {error}", file=sys.stderr)
        return REFUSED
    except KeyboardInterrupt:
        print("verify-on-aws: broken off. What is left, if anything: make verify-on-aws-clean", file=sys.stderr)
        return TROUBLE
    print(page.read_text(encoding="utf-8"))
    return DONE if journey.record.succeeded else TROUBLE


def _clean(place: Place) -> int:
    guard.confirm(place, os.environ)
    left = removal.remove(place)
    print("\n".join(left) if left else "nothing is left")
    return TROUBLE if left else DONE


def _place() -> Place:
    session: Any = boto3.session.Session()
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
