"""Removes everything that a verification has made, from any state that it was broken off in; may be run again.

Nothing is remembered of what was made: every kind of thing is looked for by name and tag, and deleted until none is
found. What bears such a name and not the tag is somebody else's, and stays. Deletions that have to wait for others
fail, and are tried again.
"""

from contextlib import suppress

from botocore.exceptions import BotoCoreError, ClientError

from verify.kinds import KINDS
from verify.kinds.workload import ROLE, role_tags
from verify.names import REGION_TAG, TAG
from verify.place import Place

MINUTES = 30.0
PAUSE = 15.0


def remove(place: Place) -> list[str]:
    """Removes all of it; what is still there afterwards, with the reason."""
    end = place.clock() + MINUTES * 60
    while True:
        left = _sweep(place)
        if not left or place.clock() >= end:
            return left
        place.say(f"still there: {', '.join(sorted({one.split(':')[0] for one in left}))}")
        place.sleep(PAUSE)


def leftovers(place: Place) -> list[str]:
    """What is there, without touching it."""
    return [f"{kind.name}: {one}" for kind in KINDS for one in kind.find(place) if kind.ours(place, one)]


def not_ours(place: Place) -> list[str]:
    """What is named as a verification names it, and does not bear its tag."""
    found: list[str] = []
    for kind in KINDS:
        # What may not be looked at is told by whoever removes it, or looks for what is ours.
        with suppress(ClientError, BotoCoreError):
            found += [f"{kind.name}: {one}" for one in kind.find(place) if not kind.ours(place, one)]
    return found


def elsewhere(place: Place) -> str | None:
    """The other Region that a run has left things in: roles are in no Region, so that they are seen from each."""
    for name in ROLE.find(place):
        tags = role_tags(place, name)
        region = tags.get(REGION_TAG, place.region)
        if TAG in tags and region != place.region:
            return region
    return None


def _sweep(place: Place) -> list[str]:
    """Deletes once what can be deleted; what was there, or could not be looked for."""
    found: list[str] = []
    for kind in KINDS:
        try:
            there = [one for one in kind.find(place) if kind.ours(place, one)]
        except (ClientError, BotoCoreError) as error:
            found.append(f"{kind.name}: {_words(error)}")
            continue
        waits = kind.last and bool(found)
        for one in there:
            trouble = ""
            try:
                if not waits:
                    kind.delete(place, one)
            except (ClientError, BotoCoreError) as error:
                trouble = f" ({_words(error)})"
            found.append(f"{kind.name}: {one}{trouble}")
    return found


def _words(error: Exception) -> str:
    if not isinstance(error, ClientError):
        return f"{type(error).__name__}: {error}"
    told = error.response["Error"]
    return f"{told['Code']}: {told.get('Message', '')}"
