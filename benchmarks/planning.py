"""The pure planner, and the planning transaction on SQLite."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import update
from sqlalchemy.orm import Session

import worker
from benchmarks.rig import Figure
from journey.adapters.packs import read_pack
from journey.domain.packs import Pack
from journey.domain.planner import plan
from journey.domain.record import Record
from journey.settings import Settings
from journey.store import schema
from journey.store.engine import Store
from journey.store.planning import By, plan_agenda
from journey.store.shelf import Shelf, publish_pack
from journey.store.tables import agenda
from starter.doors import Doors
from starter.telling import Teller
from tests.databases import database, postgres_server
from tests.packs import century_pack
from tests.records import completion, instant, record, told

ROUNDS = 200
NOW = instant("2026-06-27 10:01")


class Away(Teller):
    """Nobody is told: the transaction is measured alone."""

    def __init__(self) -> None:
        pass

    async def tell(self, subject: object, events: object) -> dict[str, str]:
        """No answers."""
        return {}

    async def wake(self, subject: object) -> None:
        """Nobody is woken either."""


class FixedClock:
    """One instant."""

    async def now(self) -> datetime:
        """The instant of the measurement."""
        return NOW


def _median(work: Callable[[], object], rounds: int = ROUNDS, *, before: Callable[[], object] = lambda: None) -> float:
    """Milliseconds, the median of many rounds; what is done `before` each does not count."""
    seconds = []
    for _ in range(rounds):
        before()
        started = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds) * 1000


def _life(extra: int = 0, packs: tuple[Pack, ...] = ()) -> Record:
    events = [
        told("subscription.signed", "2025-03-15 10:00"),
        told("contract.signed", "2025-03-20 10:00", contract_handover_date="2026-06-30"),
        told("handover.accepted", "2026-06-27 10:00"),
    ]
    begin = instant("2025-04-01 10:00")
    words = [told("service.ordered", "2025-04-01 10:00", ident=f"word-{n}", text="好") for n in range(extra)]
    events += [replace(word, occurred_at=begin + timedelta(hours=n)) for n, word in enumerate(words)]
    return record(events, batch=completion("2026-04-28"), packs=packs)


async def measure() -> list[Figure]:
    """Medians in milliseconds."""
    plain, crowded = _life(), _life(extra=297)
    pure = _median(lambda: plan(plain, NOW))
    many = _median(lambda: plan(crowded, NOW))
    figures = [
        Figure("planning, pure, one journey", f"{pure:.2f} ms ({len(plan(plain, NOW).agenda)} items ahead)", "≤ 3 ms"),
        Figure("planning, pure, 300 events", f"{many:.2f} ms", "≤ 10 ms"),
    ]
    figures += await _transaction("SQLite", None, target="≤ 5 ms")
    with postgres_server() as server, database(server) as url:
        return figures + await _transaction("PostgreSQL", url, target="≤ 8 ms")


async def _transaction(engine: str, url: str | None, *, target: str) -> list[Figure]:
    with TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), database_url=url)
        schema.upgrade(settings.store_url)
        with Store(settings.store_url, commit_pause=0) as store:
            await worker.publish_policies(store, settings, NOW)
            loaded = century_pack(**{"warranty.notices": ["-11mo", "-9mo", "-7mo", "-5mo", "-2mo", "-7d"]})
            name = loaded.pack.pack
            await store.write(publish_pack, name=name, content_hash=loaded.hash, document=loaded.document, now=NOW)
            doors = Doors(store, Away(), FixedClock())
            await doors.create_project({"code": "BM", "name": "基准", "city": "成都", "pack": name})
            facts = [
                {"id": kind, "type": kind, "occurred_at": NOW.isoformat(), "data": {"on": "2026-06-27", **data}}
                for kind, data in (
                    ("subscription.signed", {}),
                    ("contract.signed", {"contract_handover_date": "2026-06-30"}),
                    ("handover.accepted", {}),
                )
            ]
            owner = {"ref": "bm", "name": "业主", "phone": "13800138000"}
            body = {"project": "BM", "unit": "1-1-101", "owners": [owner], "facts": facts}
            journey = (await doors.start_journey(body)).journey["id"]
            items, same, moved = _planned(store, Shelf(read_pack), journey)
            name = f"planning transaction, {engine}, {items} items"
            return [
                Figure(f"{name}, nothing changed", f"{same:.2f} ms", target),
                Figure(f"{name}, agenda written", f"{moved:.2f} ms", target),
            ]


def _planned(store: Store, shelf: Shelf, journey: str) -> tuple[int, float, float]:
    """Items of the agenda; milliseconds of a plan that finds nothing new, and of one that writes its agenda."""
    now = datetime.now(UTC)

    def once(session: Session) -> int:
        found = plan_agenda(session, journey, now, by=By(shelf, None, "bm"))
        return len(found.plan.agenda) if found.plan else 0

    def forget(session: Session) -> None:
        session.execute(update(agenda).values(hash="another"))

    items = store.write_sync(once)
    same = _median(lambda: store.write_sync(once))
    moved = _median(lambda: store.write_sync(once), before=lambda: store.write_sync(forget))
    return items, same, moved
