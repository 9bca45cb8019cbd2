"""Lives of projects and batches without a store: the events of the project 香年, told by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from journey.domain.events import Event
from journey.domain.items import Anchor
from journey.domain.packs import PackHistory, PackVersion
from journey.domain.project_facts import fold_project
from journey.domain.record import Batch, SharedRecord
from tests.lives import Life
from tests.records import BEGIN, SHANGHAI, calendar, instant, pack, told

PROJECT, BATCH = "prj_1", "bat_3"


def scoped(event: Event, **scope: str) -> Event:
    """The event, told for a batch, building or phase."""
    return replace(event, scope=scope)


def gate(which: str, when: str, how: str = "passed", **scope: str) -> Event:
    """A word on a gate."""
    more: dict[str, Any] = {"by": "stf_9", "reason": "总经理批准"} if how == "overridden" else {}
    event = told(f"gate.{how}", when, ident=f"evt_{which}_{how}_{when}", gate=which, **more)
    return replace(event, scope=scope or None)


def planned_batch(when: str = "2026-01-10 10:00", **more: Any) -> Event:
    """Batch 3: one building, handed over from 27 June 2026."""
    data = {"batch": "3", "buildings": ["3"], "handover_from": "2026-06-27", "handover_to": "2026-06-30"} | more
    return told("batch.planned", when, ident=f"evt_batch_{when}", **data)


class SharedLife(Life):
    """As the door does, the batch's dates and gates follow every event that is told."""

    def _hear(self) -> None:
        super()._hear()
        record = self.record
        assert isinstance(record, SharedRecord)
        if record.journey != BATCH:
            return
        found = fold_project(record.events, {"3": ["3"]}, now=self.now, zone=SHANGHAI, known=record.known)
        batch = found.batches.get("3")
        if batch is not None:
            dates: dict[str, Any] = {name: _anchor(dated) for name, dated in batch.dates.items()}
            self.record = replace(record, batch=Batch(**dates, gates=batch.gates))


def life_of(agenda: str, when: str, *events: Event, **more: Any) -> SharedLife:
    """A project or batch that hears of each event when it is recorded."""
    record = SharedRecord(
        journey=agenda, episode=agenda, unit=None, zone=SHANGHAI, started_at=more.pop("started", BEGIN), events=[],
        entries={}, packs=PackHistory([PackVersion("hash", more.pop("pack", pack()))]), calendar=calendar(),
        code="3" if agenda == BATCH else "XN", registered={"3": ["3"]}, **more,
    )  # fmt: skip
    life = SharedLife(record, instant(when))
    life.tell(*events)
    return life


def _anchor(dated: Mapping[str, str]) -> Anchor:
    at, known = datetime.fromisoformat(dated["at"]), datetime.fromisoformat(dated["known_at"])
    return Anchor(date.fromisoformat(dated["on"]), at, known, dated["event"], dated["moved_by"])
