"""One run at a time, so often, and so far apart; all subjects or none."""

import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from ecs_medic.ledger import keys, reservations, runs
from ecs_medic.ledger.reservations import holds, subjects_of
from ecs_medic.ledger.rhythm import DAY, HOUR, MINUTE
from ecs_medic.ledger.runs import LEASE
from ecs_medic.run_state import RunState
from tests.ledger.occurrences import START, held, subject
from tests.ledger.repair_runs import OTHER, RUN, SERVICE, VPC, created, reserve

PAYMENTS = keys.service_pk("123456789012", "eu-west-1", "shop", "payments")


def say(table, run_id, state=RunState.APPLYING, *, now=START):
    return runs.say(table, run_id, state, f"{run_id} {state} {now}", now=now)


def end(table, run_id, *, now=START):
    assert say(table, run_id, RunState.REPAIRED, now=now)


def attempts(table, of=SERVICE):
    item = table.get(keys.repair(of))
    return [] if item is None else [tuple(one) for one in reservations._taken(of, item).attempts]


def test_what_the_repair_of_an_incident_takes():
    assert subjects_of(subject(), ["vpc-0aaa", "vpc-0bbb", "vpc-0aaa"]) == (SERVICE, VPC, VPC.replace("aaa", "bbb"))
    batch = "family#123456789012#eu-west-1#shop#batch"
    assert subjects_of(subject(None), []) == (batch,)


def test_a_run_holds_what_it_took(table):
    created(table)
    assert reserve(table) is None
    assert holds(table, RUN)
    found = held(runs.read(table, RUN))
    assert (found.subjects, found.lease_until) == ((SERVICE, VPC), START + LEASE)
    assert attempts(table) == attempts(table, VPC) == [(START, RUN, "1")]


def test_another_run_waits_and_is_told_for_whom(table):
    created(table)
    created(table, OTHER)
    assert reserve(table) is None
    assert reserve(table, OTHER) == f"Another repair ({RUN}) works on service orders in shop."
    # One subject in common is enough, and then none is taken.
    assert reserve(table, OTHER, PAYMENTS, VPC) == f"Another repair ({RUN}) works on vpc-0aaa."
    assert attempts(table, PAYMENTS) == []
    assert reserve(table, OTHER, PAYMENTS) is None
    assert holds(table, RUN)
    assert holds(table, OTHER)


def test_what_has_ended_holds_nothing(table):
    created(table)
    created(table, OTHER)
    reserve(table)
    end(table, RUN)
    assert not holds(table, RUN)
    assert reserve(table, OTHER, cool_down=0) is None
    assert holds(table, OTHER)
    assert reserve(table, RUN) == "This repair has ended already."


def test_what_is_not_there_holds_nothing(table):
    assert reserve(table) == f"There is no {RUN} any more."
    assert not holds(table, RUN)
    assert attempts(table) == []


def test_the_lease_runs_from_when_the_run_was_last_heard_of(table):
    created(table)
    created(table, OTHER)
    reserve(table)
    say(table, RUN, now=START + HOUR)
    until = START + HOUR + LEASE
    assert "Another repair" in held(reserve(table, OTHER, now=until - 1))
    assert reserve(table, OTHER, now=until) is None
    # The run that was thought dead may change nothing any more, whatever it still says.
    assert not holds(table, RUN)
    assert say(table, RUN, now=until + 1)
    assert not holds(table, RUN)
    assert f"Another repair ({OTHER})" in held(reserve(table, now=until + 1, key="2"))


def test_who_lost_a_part_holds_nothing_for_its_changes(table):
    created(table)
    created(table, OTHER)
    reserve(table)
    assert reserve(table, OTHER, VPC, now=START + LEASE) is None
    assert not holds(table, RUN)


def test_asking_again_is_no_second_attempt(table):
    created(table)
    for number in range(5):
        assert reserve(table, now=START + number * MINUTE, attempts=1) is None
    assert attempts(table) == [(START, RUN, "1")]
    assert held(runs.read(table, RUN)).lease_until == START + 4 * MINUTE + LEASE


def test_asking_again_for_more_takes_only_what_is_new(table):
    created(table)
    assert reserve(table, RUN, SERVICE) is None
    assert reserve(table, RUN, SERVICE, VPC, now=START + 1) is None
    assert (attempts(table), attempts(table, VPC)) == ([(START, RUN, "1")], [(START + 1, RUN, "1")])
    assert held(runs.read(table, RUN)).subjects == (SERVICE, VPC)


def test_what_was_lost_meanwhile_is_not_simply_taken_again(table):
    created(table)
    created(table, OTHER)
    reserve(table)
    reserve(table, OTHER, now=START + LEASE)
    end(table, OTHER, now=START + LEASE)
    assert "cool-down" in held(reserve(table, now=START + LEASE + 1))
    assert reserve(table, now=START + LEASE + HOUR) is None
    assert [one[1] for one in attempts(table)] == [OTHER, RUN]


def test_rounds_of_one_run_count_and_do_not_cool_down(table):
    created(table)
    for key in "123":
        assert reserve(table, key=key, now=START + MINUTE) is None
    assert reserve(table, key="4", now=START + MINUTE) == (
        "3 repairs of service orders in shop within 24 h: the guardrail stops here."
    )
    assert len(attempts(table)) == 3
    assert holds(table, RUN)


def test_the_window_is_exact(table):
    for number in range(3):
        created(table, f"run-{number}")
        assert reserve(table, f"run-{number}", now=START + number * HOUR) is None
        end(table, f"run-{number}", now=START + number * HOUR + MINUTE)
    created(table)
    refused = held(reserve(table, now=START + DAY - 1))
    assert "3 repairs of service orders in shop within 24 h" in refused
    assert reserve(table, now=START + DAY) is None
    # What one more hour brings back is one attempt.
    assert "3 repairs" in held(reserve(table, key="2", now=START + DAY + HOUR - 1))
    assert reserve(table, key="2", now=START + DAY + HOUR) is None


def test_no_attempts_are_no_attempts(table):
    created(table)
    assert reserve(table, attempts=0) == "0 repairs of service orders in shop within 24 h: the guardrail stops here."
    assert attempts(table) == []


def test_the_cool_down_is_exact_and_runs_from_the_end(table):
    created(table)
    created(table, OTHER)
    reserve(table)
    end(table, RUN, now=START + 20 * MINUTE)
    over = START + 50 * MINUTE
    refused = held(reserve(table, OTHER, now=over - 1))
    assert refused == "Service orders in shop was repaired just now: cool-down until 2026-05-28 21:16:40 UTC."
    assert reserve(table, OTHER, now=over) is None


def test_the_cool_down_after_a_death_runs_from_the_attempt(table):
    created(table)
    created(table, OTHER)
    reserve(table)
    at = START + LEASE
    assert "cool-down" in held(reserve(table, OTHER, now=at, cool_down=LEASE + 1))
    assert reserve(table, OTHER, now=at, cool_down=LEASE) is None


@pytest.mark.parametrize("round_", range(6))
def test_of_many_runs_that_want_the_same_one_gets_it(table, round_):
    wanted = [(SERVICE, VPC), (VPC, SERVICE), (PAYMENTS, VPC), (VPC,)]
    ids = [created(table, f"run-{number}") for number in range(4)]
    random.Random(round_).shuffle(wanted)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: reserve(table, one[0], *one[1]), zip(ids, wanted, strict=True)))
    winners = [run_id for run_id, answer in zip(ids, answers, strict=True) if answer is None]
    assert len(winners) == 1
    assert {one for one in answers if one} <= {f"Another repair ({winners[0]}) works on vpc-0aaa."} | {
        f"Another repair ({winners[0]}) works on service orders in shop."
    }
    assert [one for one in ids if held(runs.read(table, one)).subjects] == winners
    assert len(attempts(table, VPC)) == 1


def test_a_holder_that_is_heard_of_just_then_keeps_what_it_has(table):
    created(table)
    created(table, OTHER)
    reserve(table)
    at = START + LEASE

    class Interrupted:
        """A client before whose first transaction the holder is heard of."""

        def __init__(self, client):
            self._client, self._first = client, True

        def __getattr__(self, name):
            if name == "transact_write_items" and self._first:
                self._first = False
                say(table, RUN, now=at - 1)
            return getattr(self._client, name)

    racing = type(table)(Interrupted(table._client), table.name)
    assert "Another repair" in held(reserve(racing, OTHER, now=at))
    assert holds(table, RUN)


def test_a_lost_answer_is_no_refusal(table, account):
    created(table)
    account.fault("dynamodb", "TransactWriteItems", "truncated", times=2)
    assert reserve(table, attempts=1) is None
    assert attempts(table) == [(START, RUN, "1")]


class Book:
    """What the guardrails mean, kept plainly: which run took what and when, and when each was heard of and ended."""

    def __init__(self):
        self.taken: dict[str, list[tuple[int, str, str]]] = {}
        self.heard: dict[str, int] = {}
        self.ended: dict[str, int] = {}

    def allows(self, run_id, wanted, key, now, *, limit, window, cool_down):
        for one in wanted:
            taken = self.taken.get(one, [])
            last = taken[-1][1] if taken else None
            if last not in {None, run_id} and last not in self.ended and now < self.heard[last] + LEASE:
                return False
            if last == run_id and (run_id, key) in {entry[1:] for entry in taken}:
                continue
            if sum(now - window < at for at, *whose in taken if whose != [run_id, key]) >= limit:
                return False
            others = [at for at, who, _ in taken if who != run_id]
            if last is not None and last != run_id:
                others.append(self.ended.get(last, 0))
            if others and now < max(others) + cool_down:
                return False
        return True


@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.soak) for seed in range(2, 40))])
def test_the_guardrails_are_what_a_plain_book_says(table, seed):
    chance, book, now = random.Random(seed), Book(), START
    ids = [created(table, f"run-{number}") for number in range(5)]
    subjects = [SERVICE, VPC, PAYMENTS]
    for _ in range(40):
        now += chance.choice([1, MINUTE, 20 * MINUTE, HOUR, LEASE])
        run_id = chance.choice(ids)
        match chance.choice(["reserve", "reserve", "reserve", "say", "end"]):
            case "reserve":
                wanted, key = chance.sample(subjects, chance.randint(1, 3)), chance.choice("12")
                limit, window = chance.choice([2, 3]), chance.choice([6 * HOUR, DAY])
                cool_down = chance.choice([0, 30 * MINUTE])
                allowed = book.allows(run_id, wanted, key, now, limit=limit, window=window, cool_down=cool_down)
                answer = reserve(
                    table, run_id, *wanted, key=key, now=now, attempts=limit, window=window, cool_down=cool_down
                )
                assert (answer is None) == allowed, answer
                if allowed:
                    for one in wanted:
                        taken = book.taken.setdefault(one, [])
                        if (run_id, key) not in {entry[1:] for entry in taken} or taken[-1][1] != run_id:
                            taken[:] = [entry for entry in taken if entry[1:] != (run_id, key)]
                            taken.append((now, run_id, key))
                    book.heard[run_id] = max(book.heard.get(run_id, 0), now)
            case "say":
                if say(table, run_id, now=now):
                    book.heard[run_id] = now
            case "end" if chance.random() < 0.5 and say(table, run_id, RunState.REPAIRED, now=now):
                book.ended[run_id] = now
                ids[ids.index(run_id)] = created(table, f"{run_id}-")
        mine = [taken for taken in book.taken.values() if any(who == run_id for _, who, _ in taken)]
        assert holds(table, run_id) == (run_id not in book.ended and all(taken[-1][1] == run_id for taken in mine))
