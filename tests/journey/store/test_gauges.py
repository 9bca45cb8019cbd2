"""What waits is counted from indexes, also when the store holds a million homes."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.orm import Session

from journey.store import tables as t
from journey.store.engine import Store
from journey.store.gauges import queries, read_gauges
from tests.journey.store.seeds import NOON, seed_work

REAL = datetime(2026, 3, 1, 12, tzinfo=UTC)


def gauges(store: Store, now: datetime = NOON) -> dict[str, float]:
    found = store.read_sync(read_gauges, now, REAL)
    return {"/".join([each.name.removeprefix("journey_"), *each.labels.values()]): each.value for each in found}


def changed(store: Store, table: Any, **values: Any) -> None:
    store.write_sync(lambda session: session.execute(update(table).values(**values)))


def told(session: Session, recorded_at: datetime) -> None:
    """An event of a journey that nobody has judged yet."""
    journey = session.execute(select(t.journeys.c.id).limit(1)).scalar_one()
    words = {"source": "test", "source_id": "word", "type": "suggestion.raised", "digest": "d", "verdict": "taken"}
    when = {"occurred_at": recorded_at, "recorded_at": recorded_at}
    row = {"id": "evt_word", "target": journey, "journey_id": journey, "data": {}, **words, **when}
    session.execute(insert(t.events).values(**row))


@pytest.fixture
def work(store: Store) -> Store:
    """One journey with its work, all of it in order."""
    store.write_sync(seed_work)
    changed(store, t.journeys, stale_since=None, wake_at=NOON + timedelta(days=1), over=False)
    changed(store, t.events, verdict="applied")
    changed(store, t.entries, state="done", tries=0)
    changed(store, t.tasks, state="open")
    return store


def test_where_everything_is_in_order_nothing_waits(work: Store) -> None:
    found = gauges(work)

    waiting = {name: value for name, value in found.items() if "provisional" not in name and "lease" not in name}
    assert waiting
    assert set(waiting.values()) == {0}


def test_a_stale_journey_counts_with_its_age_in_real_time(work: Store) -> None:
    changed(work, t.journeys, stale_since=REAL - timedelta(seconds=90))

    found = gauges(work)

    assert found["stale_journeys"] >= 1
    assert found["stale_journeys_oldest_seconds"] == 90


def test_an_event_waits_for_its_verdict_from_the_moment_it_was_recorded(work: Store) -> None:
    changed(work, t.journeys, stale_since=REAL)
    work.write_sync(told, NOON - timedelta(minutes=2))

    found = gauges(work)

    assert found["unjudged_events"] == 1
    assert found["unjudged_events_oldest_seconds"] == 120


@pytest.mark.parametrize(("days", "counted"), [(91, 1), (89, 0)])
def test_a_fact_counts_when_it_was_premature_for_ninety_days(work: Store, days: int, counted: int) -> None:
    work.write_sync(told, NOON - timedelta(days=days))
    changed(work, t.events, verdict="parked", recorded_at=NOON - timedelta(days=days))

    assert (gauges(work)["long_parked_events"] > 0) is bool(counted)


@pytest.mark.parametrize(("over", "counted"), [(False, True), (True, False)])
def test_a_journey_past_its_wake_counts_unless_its_life_is_over(work: Store, *, over: bool, counted: bool) -> None:
    changed(work, t.journeys, wake_at=NOON - timedelta(minutes=10), over=over)

    found = gauges(work)

    assert (found["past_due_journeys"] > 0) is counted
    assert found["past_due_journeys_oldest_seconds"] == (600 if counted else 0)


@pytest.mark.parametrize(("state", "name"), [("unknown", "unknown_entries"), ("held", "held_entries")])
def test_entries_in_doubt_and_entries_that_wait_are_counted(work: Store, state: str, name: str) -> None:
    changed(work, t.entries, state=state)

    assert gauges(work)[name] >= 1


def test_an_entry_fails_from_the_fifth_time_on_and_no_longer_when_it_ended(work: Store) -> None:
    changed(work, t.journeys, wake_at=NOON + timedelta(minutes=59))  # it is tried again within the hour
    changed(work, t.entries, state="held", tries=4)
    fourth = gauges(work)["failing_entries"]
    changed(work, t.entries, state="held", tries=5)
    fifth = gauges(work)["failing_entries"]
    changed(work, t.entries, state="done", tries=5)

    assert (fourth, gauges(work)["failing_entries"]) == (0, 0)
    assert fifth >= 1


def test_overdue_tasks_are_counted_by_their_post_and_every_post_shows(work: Store) -> None:
    changed(work, t.tasks, state="overdue", role="keeper")

    found = gauges(work)

    assert found["overdue_tasks/keeper"] >= 1
    assert found["overdue_tasks/legal"] == 0


def test_an_unfinished_change_counts_with_its_age(work: Store) -> None:
    row = {"id": "chg_1", "kind": "calendar", "concerns": {"country": "CN"}, "created_at": NOON - timedelta(hours=1)}
    work.write_sync(lambda session: session.execute(insert(t.changes).values(**row)))

    found = gauges(work)

    assert (found["open_changes"], found["open_changes_oldest_seconds"]) == (1, 3600)


def test_a_year_whose_holidays_are_not_published_shows_how_far_ahead_it_is(work: Store) -> None:
    years = {str(NOON.year): {"provisional": False}, str(NOON.year + 1): {"provisional": True}}
    row = {"country": "XX", "hash": "h", "document": {"years": years}, "published_at": NOON}
    work.write_sync(lambda session: session.execute(insert(t.calendars).values(**row)))

    found = gauges(work)

    assert [found[f"calendar_provisional/XX/{ahead}"] for ahead in range(3)] == [0, 1, 1]


def test_a_lease_that_ran_out_says_that_nobody_sweeps(work: Store) -> None:
    row = {"name": "sweeper", "holder": "swp_1", "until": REAL - timedelta(seconds=30)}
    work.write_sync(lambda session: session.execute(insert(t.leases).values(**row)))

    assert gauges(work)["sweeper_lease_seconds"] == -30


def test_no_query_reads_a_table_that_grows_from_end_to_end(store_sqlite: Store) -> None:
    def plans(session: Session) -> list[str]:
        found = []
        for query in queries(NOON):
            sql = query.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
            found += [str(row.detail) for row in session.execute(text(f"EXPLAIN QUERY PLAN {sql}"))]
        return found

    steps = store_sqlite.read_sync(plans)

    assert len(steps) >= len(queries(NOON))
    assert [step for step in steps if step.startswith("SCAN")] == []
