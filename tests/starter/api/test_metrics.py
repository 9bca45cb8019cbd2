"""What `/metrics` says to everybody: counts, never a person."""

import re
from datetime import timedelta

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import update

from journey.domain.breaking import BreakerKind
from journey.domain.values import Role
from journey.store.engine import Store, StoreDown
from journey.store.tables import tasks
from starter.api.gauges import WORDS, StoreGauges
from tests.journey.store.seeds import NOON, seed_work
from tests.starter.api.conftest import Connect, FixedClock


@pytest.fixture
def app(fresh_app: FastAPI) -> FastAPI:
    """Counts from nothing."""
    return fresh_app


async def scraped(connect: Connect) -> str:
    async with connect() as anybody:
        answer = await anybody.get("/metrics")
    assert answer.status_code == 200
    return answer.text


def values(text: str) -> dict[str, float]:
    return {
        sample.name + "".join(f"/{value}" for value in sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


async def test_what_waits_is_told_to_a_scraper_without_a_key(connect: Connect, store_sqlite: Store) -> None:
    store_sqlite.write_sync(seed_work)
    store_sqlite.write_sync(
        lambda session: session.execute(update(tasks).values(state="overdue", role="keeper", due=NOON - timedelta(1)))
    )

    found = values(await scraped(connect))

    assert found["journey_store_up"] == 1
    assert found["journey_overdue_tasks/keeper"] >= 1


async def test_every_gauge_has_words_and_labels_are_names_of_code(connect: Connect, store_sqlite: Store) -> None:
    store_sqlite.write_sync(seed_work)
    bounded = {role.value for role in Role} | {"CN"} | {str(number) for number in range(600)}
    bounded |= {"GET", "/metrics", "/healthz", "/readyz"} | {kind.value for kind in BreakerKind}

    text = await scraped(connect)

    labels = set(re.findall(r'="([^"]*)"', text)) - set(re.findall(r'le="([^"]*)"', text))
    assert labels <= bounded
    assert {name.partition("/")[0] for name in values(text) if not name.startswith("journey_http")} <= set(WORDS)


async def test_two_scrapes_at_once_ask_the_store_once(store_sqlite: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0
    read = store_sqlite.read

    async def counted(*args: object) -> object:
        nonlocal asked
        asked += 1
        return await read(*args)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(store_sqlite, "read", counted)
    gauges = StoreGauges(store_sqlite, FixedClock(), CollectorRegistry())

    await gauges.refresh()
    await gauges.refresh()

    assert asked == 1


async def test_a_store_that_is_down_is_told_and_its_old_numbers_are_not(
    store_sqlite: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry = CollectorRegistry()
    gauges = StoreGauges(store_sqlite, FixedClock(), registry, kept=0)
    await gauges.refresh()
    before = values(generate_latest(registry).decode())

    async def down(*_: object) -> object:
        raise StoreDown("away")

    monkeypatch.setattr(store_sqlite, "read", down)
    await gauges.refresh()

    assert len(before) > 1
    assert values(generate_latest(registry).decode()) == {"journey_store_up": 0}


async def test_the_requests_of_the_scraper_are_counted_too(connect: Connect) -> None:
    await scraped(connect)

    found = values(await scraped(connect))

    assert found["journey_http_answers_total/GET//metrics/200"] == 1
