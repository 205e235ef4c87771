"""The words that all forms of a check share."""

from ecs_medic.report.check_model import Affected, Check


def things(count: int, what: str) -> str:
    """A number of things."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def in_all(check: Check) -> str:
    """How it stands, in one line."""
    if not check.services and check.not_checked:
        return "Nothing is known: no service could be looked at."
    looked = things(len(check.services), "service")
    if not check.findings:
        rest = ", as far as could be checked" if check.not_checked else ""
        return f"Nothing was found that would break {looked}{rest}."
    shown = len(check.shown)
    possible = len(check.findings) - shown
    words = [things(shown, "trouble")] if shown else []
    if possible:
        words.append(f"{possible} possible {'one' if shown else 'trouble'}{'' if possible == 1 else 's'}")
    return f"{' and '.join(words)} in {looked}."


def place(check: Check) -> str:
    """Which cluster was looked at, and when."""
    return f"cluster {check.cluster}, {check.region}, account {check.account}, {check.checked_at:%Y-%m-%d %H:%M:%S UTC}"


def hit_by(affected: Affected) -> str:
    """The service, what it runs where that is less than it should, and where it matters in which subnets."""
    notes = []
    if affected.running < affected.desired:
        notes.append(f"runs {affected.running} of {affected.desired}")
    if affected.subnet_ids:
        notes.append(f"in {', '.join(affected.subnet_ids)}")
    return affected.service + (f" ({', '.join(notes)})" if notes else "")
