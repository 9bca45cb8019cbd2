"""Moves of a batch: from what a clerk says to the project's event, and what that would do before it is told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from pydantic import Field

from journey.domain.event_checks import check_event
from journey.domain.event_types.fields import Day
from journey.domain.project_facts import DATES
from journey.domain.reasons import wording
from journey.domain.rules import title
from journey.store import batch_queries, previewing, registry
from journey.store.engine import Store
from journey.store.previewing import ChangedBatch, ChangedHome
from journey.store.queries import shown
from journey.store.shelf import Shelf
from starter.bodies import Body, Line, read_body

PAGE: Final = 50
EXAMPLES: Final = 10


class BatchBody(Body):
    """New dates of a batch. What is left out stays as it is; the window keeps its length. A new batch needs all."""

    handover_from: Day | None = None
    handover_to: Day | None = None
    contract_handover_date: Day | None = None
    completion_accepted_on: Day | None = None
    buildings: list[Line] | None = Field(None, max_length=200)
    by: Line | None = None
    reason: Line | None = None
    id: Line | None = None
    source: Line | None = None


async def batch_event(store: Store, project: str, code: str, body: Any, now: datetime) -> dict[str, Any]:
    """The event in a body: `batch.planned` for a batch that is not there, else `batch.rescheduled`; NotFound."""
    told = read_body(BatchBody, body)
    stands = await store.read(_stands, project, code)
    data = (stands or {}) | told.model_dump(mode="json", exclude_none=True, exclude={"id", "source"})
    if stands and told.handover_from and told.handover_to is None:
        length = date.fromisoformat(stands["handover_to"]) - date.fromisoformat(stands["handover_from"])
        data["handover_to"] = (told.handover_from + max(length, timedelta(0))).isoformat()
    return {
        "id": told.id or f"batch-{uuid4().hex}",
        "type": "batch.rescheduled" if stands else "batch.planned",
        "occurred_at": now.isoformat(),
        "source": told.source or "batches",
        "data": {"batch": code, **data},
    }


def _stands(session: Any, project: str, code: str) -> dict[str, Any] | None:
    """What an event has to repeat: buildings and the window; None for an unknown batch."""
    row = registry.project_row(session, project)
    batch = batch_queries.batch_row(session, row.id, code)
    if batch is None or "handover_from" not in batch.dates:
        return None
    start = batch.dates["handover_from"]["on"]
    last = batch_queries.window_end(session, row.id, code) or start
    return {"buildings": batch.buildings, "handover_from": start, "handover_to": max(start, last)}


async def preview(
    store: Store, shelf: Shelf, project: str, code: str, body: Any, now: datetime, lang: str
) -> dict[str, Any]:
    """What the event in a body would do to the batch's homes; nothing is written, read page by page."""
    told = await batch_event(store, project, code, body, now)
    event = check_event(told, target="project", now=now)
    changed = await store.read(previewing.changed_batch, project, code, event, now)
    summary = _Summary(changed, lang)
    for start in range(0, len(changed.journeys), PAGE):
        page = changed.journeys[start : start + PAGE]
        summary.add(await store.read(previewing.changed_homes, page, changed.dates, now, shelf=shelf))
    return {"project": project, "code": code, "type": event.type, **summary.document()}


@dataclass(slots=True)
class _Tally:
    """Items of one rule that fare alike: how many, and the first and last day of it."""

    count: int = 0
    was: list[datetime] = field(default_factory=list)
    due: list[datetime] = field(default_factory=list)

    def add(self, was: datetime | None, due: datetime | None) -> None:
        self.count += 1
        self.was = _ends(self.was, was)
        self.due = _ends(self.due, due)

    def document(self, zone: str) -> dict[str, Any]:
        ends = {"was": self.was, "due": self.due}
        found = {f"{name}_{which}": shown(pair[at], zone) for name, pair in ends.items() if pair
                 for at, which in enumerate(("first", "last"))}  # fmt: skip
        return {"count": self.count, **found}


def _ends(known: Sequence[datetime], instant: datetime | None) -> list[datetime]:
    seen = [*known, *([instant] if instant else [])]
    return [min(seen), max(seen)] if seen else []


class _Summary:
    """The differences of all homes, added up."""

    def __init__(self, changed: ChangedBatch, lang: str) -> None:
        self._changed = changed
        self._lang = lang
        self._homes = 0
        self._earlier: list[str] = []
        self._items: dict[tuple[str, str, str], _Tally] = {}
        self._again: dict[tuple[str, str, str], _Tally] = {}
        self._at_once: dict[tuple[str, str, str], _Tally] = {}
        self._examples: dict[tuple[str, str, str], dict[str, Any]] = {}

    def add(self, homes: Iterable[ChangedHome]) -> None:
        """Count a page."""
        for home in homes:
            self._homes += home.difference.any
            if home.difference.any and home.difference.earlier:
                self._earlier.append(home.unit or home.journey)
            self._add_moved(home)
            for item, how in home.difference.again:
                self._again.setdefault((item.rule, item.kind.value, how), _Tally()).add(None, item.due)
            for item in home.difference.at_once:
                self._at_once.setdefault((item.rule, item.kind.value, "at-once"), _Tally()).add(None, item.due)

    def _add_moved(self, home: ChangedHome) -> None:
        for moved in home.difference.moved:
            what = "new" if moved.was is None else "moved" if moved.due else moved.becomes or "gone"
            group = (moved.rule, moved.kind, what)
            self._items.setdefault(group, _Tally()).add(moved.was, moved.due)
            zone = self._changed.zone
            example = {"unit": home.unit, "journey": home.journey, "key": moved.key, "what": what,
                       "was": shown(moved.was, zone), "due": shown(moved.due, zone)}  # fmt: skip
            self._examples.setdefault(group, example)  # one of each kind says more than ten of one

    def document(self) -> dict[str, Any]:
        """As it is shown."""
        changed = self._changed
        dates = [self._date(name) for name in DATES.values() if _on(changed.before, name) != _on(changed.after, name)]
        reason = changed.opinion.reason
        return {
            "verdict": changed.opinion.verdict.value,
            "reason": {**reason.document(), "text": reason.text(self._lang)} if reason else None,
            "homes": len(changed.journeys),
            "moved_homes": self._homes,
            "poked_earlier": len(self._earlier),
            "poked_homes": sorted(self._earlier)[:EXAMPLES],
            "dates": dates,
            "items": self._tallies(self._items, "what"),
            "again": self._tallies(self._again, "how"),
            "at_once": self._tallies(self._at_once, "what"),
            "examples": list(self._examples.values())[:EXAMPLES],
            "text": None if dates or self._homes else wording("batch-told-again", {}, self._lang),
        }

    def _date(self, name: str) -> dict[str, Any]:
        return {"date": name, "was": _on(self._changed.before, name), "to": _on(self._changed.after, name)}

    def _tallies(self, tallies: Mapping[tuple[str, str, str], _Tally], third: str) -> list[dict[str, Any]]:
        return [
            {"rule": rule, "title": title(rule, self._lang), "kind": kind, third: what,
             **tally.document(self._changed.zone)}
            for (rule, kind, what), tally in sorted(tallies.items())
        ]  # fmt: skip


def _on(dates: Mapping[str, Any], name: str) -> str | None:
    on = dates.get(name, {}).get("on")
    return str(on) if on else None
