"""What an operator may do to an item in each of its states."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from journey.domain.actions import (
    PLANNED,
    Named,
    Standing,
    expect,
    find,
    may_decide,
    may_redo,
    may_reschedule,
    may_skip,
    may_undo,
    seen_as,
)
from journey.domain.entries import ENDED, RUNNING, State
from journey.domain.errors import Conflict, InvalidInput, NotFound
from tests.records import SHANGHAI, instant

KEY = "signing.keeper-contact/epi_1/once"
NOW = instant("2026-03-16 10:00")
DUE = instant("2026-03-20 18:00")
STATES = [PLANNED, *(state.value for state in State)]
AHEAD = {PLANNED, State.HELD, *RUNNING}


def standing(state: str = PLANNED, key: str = KEY, **more: object) -> Standing:
    return Standing(key, state, DUE, **more)  # type: ignore[arg-type]  # whatever a test says of it


def allowed(check: Callable[[], None]) -> bool:
    try:
        check()
    except (Conflict, InvalidInput):
        return False
    return True


@pytest.mark.parametrize("state", STATES)
def test_each_action_is_for_states_of_its_own(state: str) -> None:
    item = standing(state)
    later = NOW + timedelta(days=1)

    assert allowed(lambda: may_skip(item, statutory=False)) == (state in AHEAD | {State.SUPPRESSED})
    assert allowed(lambda: may_reschedule(item, later, now=NOW, zone=SHANGHAI)) == (state in AHEAD)
    assert allowed(lambda: may_redo(item, {KEY: item})) == (state in ENDED - {State.WITHDRAWN})
    assert allowed(lambda: may_decide(item, {KEY: item}, happened=True)) == (state == State.UNKNOWN)


@pytest.mark.parametrize("state", ["planned", "open", "held", "reserved", "unknown", "sent"])
def test_a_repetition_that_is_there_already_stands_in_the_way(state: str) -> None:
    found = {KEY: standing("unknown"), f"{KEY}~evt_1": standing(state, f"{KEY}~evt_1")}

    assert allowed(lambda: may_redo(found[KEY], found)) == (state in ("unknown", "sent"))
    assert not allowed(lambda: may_decide(found[KEY], found, happened=False))
    assert allowed(lambda: may_decide(found[KEY], found, happened=True))


@pytest.mark.parametrize(
    ("ends", "state", "ok"),
    [("2026-03-17 10:00", "planned", True), ("2026-03-17 09:59", "open", False), ("2026-03-15 10:00", "overdue", True)],
)
def test_a_new_date_keeps_to_the_window_unless_work_runs_on_past_it(ends: str, state: str, ok: bool) -> None:
    item = standing(state, expires=instant(ends))

    assert allowed(lambda: may_reschedule(item, instant("2026-03-17 10:00"), now=NOW, zone=SHANGHAI)) == ok


@pytest.mark.parametrize(("to", "ok"), [("2026-03-20 18:00", True), ("2026-03-20 18:01", False)])
def test_only_a_statutory_item_has_a_legal_end(to: str, ok: bool) -> None:
    duty, other = (standing(legal_due=DUE, statutory=statutory) for statutory in (True, False))

    assert allowed(lambda: may_reschedule(duty, instant(to), now=NOW, zone=SHANGHAI)) == ok
    assert allowed(lambda: may_reschedule(other, instant(to), now=NOW, zone=SHANGHAI))


@pytest.mark.parametrize(
    ("expected", "state", "ok"),
    [
        (None, "sent", True),
        ("planned", "planned", True),
        ("open", "overdue", True),
        ("warned", "overdue", False),
        ("planned", "reserved", True),
        (seen_as("open", DUE), "open", True),
        (seen_as("open", DUE + timedelta(days=1)), "open", False),
        ("open@2026-03-20T18:00:00+08:00", "open", True),
    ],
)
def test_what_was_seen_is_a_state_or_an_outcome_with_or_without_its_due(
    expected: str | None, state: str, ok: bool
) -> None:
    assert allowed(lambda: expect(standing(state), expected, zone=SHANGHAI)) == ok


def test_a_change_meanwhile_is_told_as_lists_show_it_on_the_clocks_of_the_project() -> None:
    with pytest.raises(Conflict) as caught:
        expect(standing(), "open", zone=SHANGHAI)

    assert caught.value.reason is not None
    assert caught.value.reason.params["present"] == "planned@2026-03-20T18:00:00+08:00"


def test_an_item_is_found_by_key_by_rule_and_by_occurrence() -> None:
    keys = (KEY, "warranty.notice/unt_1/wet-room/m-2", "warranty.notice/unt_1/lift/m-2")
    found = {key: standing("sent" if "lift" in key else PLANNED, key) for key in keys}

    assert find(found, Named(KEY), ()).key == KEY
    assert find(found, Named("signing.keeper-contact"), ()).key == KEY
    assert find(found, Named(item="warranty.notice", occurrence="lift/m-2"), ()).key == keys[2]
    assert find(found, Named(item="warranty.notice"), (PLANNED,)).key == keys[1]
    with pytest.raises(InvalidInput, match="give the key"):
        find(found, Named(item="warranty.notice"), ())
    with pytest.raises(NotFound, match="keeper-contact"):
        find(found, Named("signing.keeper-contact/epi_2/once"), ())


@pytest.mark.parametrize(
    ("kind", "state", "fact", "ok"),
    [
        ("item.skipped", "skipped", None, True),
        ("item.rescheduled", "open", None, True),
        ("item.rescheduled", "sent", None, False),
        ("item.decided", "unknown", None, True),
        ("item.decided", "held", "evt_1", True),
        ("item.decided", "sent", "evt_1", True),
        ("item.decided", "reserved", "evt_1", False),
        ("item.decided", "sent", None, False),
    ],
)
def test_an_action_is_taken_back_until_the_world_has_seen_it(kind: str, state: str, fact: str | None, ok: bool) -> None:
    item = standing(state, signature="unknown@now", fact=fact)
    data = {"key": KEY, "seen": "unknown@now"}

    assert allowed(lambda: may_undo(kind, "evt_1", data, {KEY: item})) == ok


@pytest.mark.parametrize(("state", "ok"), [("planned", True), ("open", True), ("sent", False), ("reserved", False)])
def test_a_redo_is_taken_back_by_what_became_of_the_repetition(state: str, ok: bool) -> None:
    found = {KEY: standing("sent"), f"{KEY}~evt_1": standing(state, f"{KEY}~evt_1")}

    assert allowed(lambda: may_undo("item.redone", "evt_1", {"key": KEY}, found)) == ok


def test_a_date_that_was_seen_and_does_not_read_is_named() -> None:
    with pytest.raises(InvalidInput) as caught:
        expect(standing(), "planned@tomorrow", zone=SHANGHAI)

    assert [(error.field, error.rule) for error in caught.value.errors] == [("expected", "not-an-instant")]
    assert datetime.fromisoformat(seen_as("open", DUE).split("@")[1]) == DUE
