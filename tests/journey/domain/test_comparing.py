"""What a change does to one journey, compared with how it stands."""

from dataclasses import replace

from journey.domain.comparing import Stands, compare
from journey.domain.planner import plan
from tests.records import completion, instant, record, told

NOW = instant("2026-06-27 12:00")
HOME = record([told("handover.accepted", "2026-06-27 10:00", ident="keys")])
CHANGED = replace(HOME, batch=completion("2026-04-28", known="2026-06-26 09:00"))
LEDGER = "warranty.ledger/epi_1/once"


def test_a_change_that_changes_nothing_is_no_difference() -> None:
    stands = plan(HOME, NOW)

    found = compare(Stands.of_plan(stands), plan(HOME, NOW), wake_at=stands.wake_at)

    assert (found.any, found.earlier) == (False, False)


def test_an_item_that_is_no_longer_ahead_says_when_it_was_due_and_what_becomes_of_it() -> None:
    stands = plan(HOME, NOW)

    found = compare(Stands.of_plan(stands), plan(CHANGED, NOW), wake_at=stands.wake_at)

    gone = next(moved for moved in found.moved if moved.key == LEDGER)
    assert gone.was is not None
    assert gone.due is None


def test_what_the_change_brings_is_due_at_once_when_it_is() -> None:
    stands = plan(CHANGED, NOW)

    found = compare(Stands.of_plan(stands), plan(HOME, NOW), wake_at=stands.wake_at)

    assert [(moved.key, moved.was) for moved in found.moved] == [(LEDGER, None)]
    assert LEDGER in {item.key for item in found.at_once}
    assert found.earlier


def test_the_agenda_as_it_is_stored_says_the_same_as_the_plan_it_came_from() -> None:
    stands = plan(CHANGED, NOW)

    assert Stands.of_agenda([item.document() for item in stands.agenda]).ahead == Stands.of_plan(stands).ahead
