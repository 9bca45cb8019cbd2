"""Answers kept under an Idempotency-Key."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from journey.domain.errors import Conflict
from journey.store import idempotency
from journey.store.engine import Store
from journey.store.idempotency import StoredAnswer

NOW = datetime(2026, 3, 1, tzinfo=UTC)
REQUEST = ["POST", "/v1/journeys", {"unit": "3-1-1202", "project": "XN"}]
SAME = ["POST", "/v1/journeys", {"project": "XN", "unit": "3-1-1202"}]
OTHER = ["POST", "/v1/journeys", {"project": "XN", "unit": "3-1-1203"}]
ANSWER = StoredAnswer(201, {"location": "/v1/journeys/jrn_1"}, '{"id":"jrn_1"}')


async def test_the_same_request_gets_the_answer_of_the_first(store: Store) -> None:
    first = await store.write(idempotency.begin, "key_1", "a", REQUEST, NOW)
    await store.write(idempotency.finish, "key_1", "a", ANSWER)
    again = await store.write(idempotency.begin, "key_1", "a", SAME, NOW)

    assert first is None
    assert again == ANSWER


async def test_another_request_or_one_that_still_runs_is_a_conflict(store: Store) -> None:
    await store.write(idempotency.begin, "key_1", "a", REQUEST, NOW)

    with pytest.raises(Conflict, match="still running"):
        await store.write(idempotency.begin, "key_1", "a", REQUEST, NOW)
    with pytest.raises(Conflict, match="another request"):
        await store.write(idempotency.begin, "key_1", "a", OTHER, NOW)


async def test_of_two_first_requests_at_once_one_runs(store: Store) -> None:
    await store.write(idempotency.begin, "key_1", "before", REQUEST, NOW)

    begun = await asyncio.gather(
        *(store.write(idempotency.begin, "key_1", "a", REQUEST, NOW) for _ in range(5)), return_exceptions=True
    )

    assert [each for each in begun if each is None] == [None]
    assert sum(isinstance(each, Conflict) for each in begun) == 4


async def test_callers_do_not_share_keys(store: Store) -> None:
    await store.write(idempotency.begin, "key_1", "a", REQUEST, NOW)

    assert await store.write(idempotency.begin, "key_2", "a", OTHER, NOW) is None


async def test_a_request_that_failed_or_died_gives_its_key_back(store: Store) -> None:
    await store.write(idempotency.begin, "key_1", "failed", REQUEST, NOW)
    await store.write(idempotency.forget, "key_1", "failed")
    await store.write(idempotency.begin, "key_1", "died", REQUEST, NOW)

    assert await store.write(idempotency.begin, "key_1", "failed", REQUEST, NOW) is None
    assert await store.write(idempotency.begin, "key_1", "died", REQUEST, NOW + timedelta(minutes=1)) is None


async def test_after_a_day_a_key_is_free_and_can_be_purged(store: Store) -> None:
    await store.write(idempotency.begin, "key_1", "a", REQUEST, NOW)
    await store.write(idempotency.finish, "key_1", "a", ANSWER)

    day_later = await store.write(idempotency.begin, "key_1", "a", OTHER, NOW + timedelta(hours=24))
    purged = [await store.write(idempotency.purge, NOW + timedelta(days=days)) for days in (1, 3)]

    assert day_later is None
    assert purged == [0, 1]
