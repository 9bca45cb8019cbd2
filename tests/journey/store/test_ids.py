"""Ids are opaque; those of events rise, so that what is told at one instant is folded in the order of its telling."""

from concurrent.futures import ThreadPoolExecutor

from journey.store.ids import new_event_id, new_id


def test_ids_of_events_rise_and_are_as_long_as_any_other() -> None:
    told = [new_event_id() for _ in range(1000)]

    assert told == sorted(set(told))
    assert {len(one) for one in told} == {len(new_id("evt"))}


def test_ids_made_in_many_threads_differ() -> None:
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: new_event_id(), range(2000)))

    assert len(set(told)) == 2000
