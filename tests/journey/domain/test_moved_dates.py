"""A shared date that moves again and again: who is told, how often, and that the date which lasts wins."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.asking import message
from journey.domain.entries import WENT_OUT, State
from journey.domain.facts import Facts
from journey.domain.items import Anchor, WhenMoved
from journey.domain.numbers.signing import SigningNumbers
from journey.domain.periods import Period
from journey.domain.record import Batch
from journey.domain.rules import RULES, Items, rule
from tests.lives import Life, begin
from tests.records import READY, instant

ASKED = {how: f"signing.moving-{how}" for how in WhenMoved}
START = instant("2026-03-02 10:00")  # a Monday
SETTLE = timedelta(minutes=10)
LAST = START + timedelta(days=120)
Moves = list[tuple[timedelta, date]]


@pytest.fixture(scope="module", autouse=True)
def moving() -> Iterator[None]:
    """One rule for each answer to a moved date: a text thirty days before the handover of the batch."""
    known = dict(RULES)
    for how in WhenMoved:
        _register(how)
    yield
    RULES.clear()
    RULES.update(known)


def _register(how: WhenMoved) -> None:
    @rule(ASKED[how], zh="测试", since="2026.1")
    def ask(j: Facts, n: SigningNumbers) -> Items:
        starts = j.record.batch.handover_from
        if starts:
            yield message(j.episode, starts, j.after(starts, Period(days=-30)), Period(days=60), when_moved=how)


def dated(on: date, known: datetime, event: str) -> Batch:
    """A batch whose handover begins on a day, as told at an instant."""
    return Batch(handover_from=Anchor(on, known, known, event, event), gates=READY)


def lived(first: date, moves: Moves) -> Life:
    """A home whose batch was planned and then moved: after each move it lives on until the next one."""
    life = begin("2026-03-02 10:00")
    life.record = replace(life.record, batch=dated(first, START, "evt_planned"))
    for number, (gap, on) in enumerate(moves):
        life.run(life.now + gap)
        life.record = replace(life.record, batch=dated(on, life.now, f"evt_{number}"))
    return life.run(max(life.now, LAST))


def went(life: Life, how: WhenMoved) -> list[str]:
    """Keys of one rule's texts in the order in which they went out."""
    return [key for _, key in life.sent if key.startswith(f"{ASKED[how]}/")]


def days(*numbers: int) -> list[date]:
    """Days from the first of April on."""
    return [date(2026, 4, 1) + timedelta(days=number) for number in numbers]


def test_a_batch_moved_twice_within_a_minute_is_told_once_with_the_date_that_lasts() -> None:
    first, between, last = days(5, 40, 60)

    life = lived(first, [(timedelta(days=5), between), (timedelta(minutes=1), last)])

    told = went(life, WhenMoved.ANNOUNCE)
    assert [key.partition("~")[2] for key in told] == ["", "evt_1"]
    params = life.record.entries[told[1]].item["params"]
    assert (params["moved_from"], params["moved_to"]) == (first.isoformat(), last.isoformat())


def test_a_batch_moved_and_moved_back_within_a_minute_is_not_told_at_all() -> None:
    first, between = days(5, 40)

    life = lived(first, [(timedelta(days=5), between), (timedelta(minutes=1), first)])

    assert [key.partition("~")[2] for key in went(life, WhenMoved.ANNOUNCE)] == [""]


def test_two_moves_that_both_lasted_are_told_one_after_the_other() -> None:
    first, second, third = days(5, 40, 60)

    life = lived(first, [(timedelta(days=5), second), (timedelta(days=2), third)])

    told = went(life, WhenMoved.ANNOUNCE)
    assert [key.partition("~")[2] for key in told] == ["", "evt_0", "evt_1"]
    assert life.record.entries[told[2]].item["params"]["moved_from"] == second.isoformat()


def test_a_text_that_went_out_between_two_moves_is_followed_by_one_announcement() -> None:
    first, between, last = days(90, 7, 60)

    life = lived(first, [(timedelta(days=5), between), (timedelta(days=3), last)])

    told = went(life, WhenMoved.ANNOUNCE)
    assert [key.partition("~")[2] for key in told] == ["", "evt_1"]
    assert life.record.entries[told[1]].item["params"]["moved_from"] == between.isoformat()


MOVES = st.lists(
    st.tuples(
        st.sampled_from([timedelta(seconds=20), timedelta(minutes=9), timedelta(hours=3), timedelta(days=4)]),
        st.integers(0, 80).map(lambda number: days(number)[0]),
    ),
    max_size=6,
)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(first=st.integers(0, 80).map(lambda number: days(number)[0]), moves=MOVES)
def test_however_often_a_date_moves_nobody_gets_a_text_twice_nor_hears_of_a_move_that_did_not_last(
    first: date, moves: Moves
) -> None:
    life = lived(first, moves)

    assert max(Counter(key for _, key in life.sent).values(), default=1) == 1
    assert len(went(life, WhenMoved.KEEP)) == 1
    lasted = {
        f"evt_{number}" for number in range(len(moves)) if number + 1 == len(moves) or moves[number + 1][0] >= SETTLE
    }
    announced = [key.partition("~")[2] for key in went(life, WhenMoved.ANNOUNCE)[1:]]
    assert set(announced) <= lasted
    assert len(announced) == len(set(announced))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(first=st.integers(0, 80).map(lambda number: days(number)[0]), moves=MOVES)
def test_what_an_owner_heard_last_is_the_date_that_holds(first: date, moves: Moves) -> None:
    life = lived(first, moves)

    holds = moves[-1][1] if moves else first
    for how in (WhenMoved.REPEAT, WhenMoved.ANNOUNCE):
        sent = [life.record.entries[key] for key in went(life, how)]
        assert sent[-1].anchor_on == holds
        assert sent[-1].state in WENT_OUT
    open_still = {State.HELD, State.RESERVED}
    assert not [entry for entry in life.record.entries.values() if entry.state in open_still]
