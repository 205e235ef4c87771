"""What comes back from AWS and from people is as hostile as an event: names, tags, log lines, evidence, mutes."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial

from hypothesis import given
from hypothesis import strategies as st

from ecs_medic.facts.change import Changed, ChangeKind
from ecs_medic.facts.logs import LogTail
from ecs_medic.finding import Confidence, Evidence, Finding, Fix, JsonValue, NotChecked, Phase, RuledOut
from ecs_medic.incident import ExecAttempt, Incident, Kind, Message, Severity, SymptomConfidence
from ecs_medic.plan import Action, Change, Patch, Plan, Safety
from ecs_medic.report import model
from ecs_medic.report.build import build_report
from ecs_medic.report.repair_standing import RepairStanding
from ecs_medic.report.slack_blocks import alert
from ecs_medic.report.standing import Affected, Standing, State
from ecs_medic.run_state import RunState
from ecs_medic.vocabulary import Id
from ecs_medic.way_out import Density, Way, WayOut
from tests.faults.patience import at_most
from tests.hostile import oracles
from tests.hostile.harmless import BATCH, PATIENCE, examples
from tests.hostile.shown import show
from tests.hostile.texts import CANARY, INJECTIONS, SECRETS, hostile

REPORTS = 400
AT = datetime(2026, 1, 15, 9, 0, 4, tzinfo=UTC)
CAUSES = (Id.VPC_ENDPOINT_MISSING, Id.APP_EXITED, Id.EXEC_WRONG_TARGET, Id.SECRET_KEY_MISSING, Id.LOG_GROUP_MISSING)

type Words = Callable[[], str]


def words_from(seed: int, *, secrets: bool = True) -> Words:
    """A hostile text after the other, mostly alone, sometimes several, sometimes long."""
    turn = seed

    def words() -> str:
        nonlocal turn
        turn = (turn * 1_103_515_245 + 12_345) % 2**31
        number = turn >> 8
        if not secrets:
            return INJECTIONS[number % len(INJECTIONS)].text(f"{CANARY}{number}")
        text = hostile(number, number)
        if number % 11 == 0:
            return " ".join(hostile(number + more, number) for more in range(6))
        return text * 60 if number % 53 == 0 else text

    return words


def incident(words: Words) -> Incident:
    return Incident(
        kind=Kind.EXEC_ERROR,
        account="123456789012",
        region="eu-west-1",
        cluster=words(),
        symptom=Id.EXEC_TARGET_NOT_CONNECTED,
        symptom_confidence=SymptomConfidence.LIKELY,
        message=Message(Kind.EXEC_ERROR, stopped_reason=words(), error_code=words()),
        occurred_at=AT,
        service=words(),
        task_arn=f"arn:aws:ecs:eu-west-1:123456789012:task/shop/{words()}",
        task_definition_arn=f"arn:aws:ecs:eu-west-1:123456789012:task-definition/{words()}:7",
        launch_type=words(),
        exec_attempt=ExecAttempt(words(), words(), words()),
    )


def finding(words: Words, cause: Id) -> Finding:
    return Finding(
        cause=cause,
        confidence=Confidence.CONFIRMED,
        summary=words(),
        subject=words(),
        phase=Phase.EXEC,
        fix=Fix(words(), (words(), words()), (words(), words()), {words(): [words(), {"a": words()}]}),
        params={"container": words(), words(): [words()]},
        evidence=tuple(Evidence(words(), words(), words()) for _ in range(4)),
    )


def plan(words: Words) -> Plan:
    params: dict[str, JsonValue] = {
        "vpc_id": words(),
        "service_name": words(),
        "subnet_ids": [words()],
        "region": words(),
        "cidrs": [words()],
    }
    change = Change(Action.CREATE_VPC_ENDPOINT, params, Safety.ASK, 16.06, words())
    names: dict[str, JsonValue] = {
        "cluster": words(),
        "service": words(),
        "log_group": words(),
        "log_region": "eu-west-1",
    }
    others = tuple(
        Change(one, names, Safety.ASK, None, words()) for one in (Action.FORCE_NEW_DEPLOYMENT, Action.CREATE_LOG_GROUP)
    )
    return Plan((change, *others), words(), (Patch(words(), words(), words()),))  # fmt: skip


def report_of(words: Words, number: int) -> model.Report:
    return build_report(
        incident(words),
        "alert",
        (finding(words, CAUSES[number % len(CAUSES)]), finding(words, Id.IMAGE_NOT_FOUND)),
        (RuledOut(Id.NETWORK_ACL_BLOCKS, (Evidence(words(), words(), words()),)),),
        (NotChecked(words(), words(), words()),),
        plan(words),
        pictures=(model.PathPicture(title=words(), lines=(words(), words())),),
        changes=(Changed(ChangeKind.API_CALL, words(), words(), AT, words()),),
        log_tail=LogTail(words(), words(), words(), words(), tuple(words() for _ in range(30)), AT),
        severity=(Severity.CRITICAL, words()),
        answer=model.ExecAnswer(containers=(words(), words()), asked_for=words(), command=words()),
        ways_out=(WayOut(Way.NAT_GATEWAY, True, words(), True, Density.SEVERAL, 32.1, 0.045),),
    )


def standing(words: Words, number: int) -> Standing:
    """Whose owner, muter and services are named by tags and by people. An owner's own id does call, so here is none."""
    owner = words()
    return Standing(
        count=number,
        first_seen=AT,
        last_seen=AT,
        state=tuple(State)[number % len(State)],
        affected=tuple(Affected(words(), words(), 3) for _ in range(number % 4)),
        resolved_at=AT,
        proof=words(),
        owner=f"{owner} ",
        muted_until=AT,
        muted_by=words(),
        successor=words(),
        repair=RepairStanding("run-0123456789ab", RunState.FAILED, words=words()) if number % 3 else None,
    )  # fmt: skip


def test_hostile_names_do_no_harm():
    seen: Counter[str] = Counter()

    @examples(REPORTS * BATCH)
    @given(st.integers(0, 2**31 - 1))
    def each(seed: int) -> None:
        with at_most(PATIENCE, "one report"):
            report = report_of(words_from(seed), seed)
            show(report, seed % 200 if seed % 10 else 0).check()
            message = alert(report, standing(words_from(seed, secrets=False), seed))
        oracles.slack_message(message.text, message.blocks)
        seen["reports"] += 1

    each()
    assert seen["reports"] >= REPORTS


def test_every_hostile_text_alone_is_harmless_in_every_place():
    for number in range(len(INJECTIONS) + len(SECRETS)):
        show(report_of(partial(hostile, number, number), number)).check()
