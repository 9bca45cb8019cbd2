"""Posted notices 楼道告示: a task for each building, done with a photo. Nobody is served by one.

The handover is announced on the batch's agenda, emergencies and the end of covers on the project's, which outlives it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from journey.domain.agendas import AgendaKind
from journey.domain.asking import posting
from journey.domain.gates import awaited
from journey.domain.items import Anchor, WhenMoved
from journey.domain.numbers.letter import LetterNumbers
from journey.domain.rules import Items, rule
from journey.domain.shared.facts import BatchFacts, ProjectFacts
from journey.domain.warranty import covers


@rule(
    "batch.handover-posting", zh="张贴交付告示并拍照", asks="A406 A020 C1", since="2026.3", of=AgendaKind.BATCH,
    section="letter",
)  # fmt: skip
def handover_posting(b: BatchFacts, n: LetterNumbers) -> Items:
    """In each building of the batch a notice says from when it is handed over; another one when that day moves."""
    if day := b.handover_day:
        for building in b.buildings:
            yield posting(
                b.episode, day, b.after(day, n.handover_posting.within), n.handover_posting, building=building,
                occurrence=building, when_moved=WhenMoved.REPEAT,
                params={"handover_on": day.on.isoformat(), "scope": {"batch": b.shared.code}},
                waits=awaited(b.record.batch, b.pack.batch, b.calendar),
            )  # fmt: skip


@rule(
    "project.emergency-posting", zh="张贴紧急告示并拍照", asks="A407 A406", since="2026.3", of=AgendaKind.PROJECT,
    section="letter",
)  # fmt: skip
def emergency_posting(p: ProjectFacts, n: LetterNumbers) -> Items:
    """What was declared is posted in each building concerned, beside whatever is sent."""
    for event in p.all("emergency.declared"):
        anchor = p.anchor(event)
        if p.now <= p.begins(p.shift(anchor.at, n.emergency_posting.window)):
            for building in p.buildings_of(event.scope or {}):
                yield posting(
                    p.episode, anchor, p.after(anchor, n.emergency_posting.within), n.emergency_posting,
                    building=building, occurrence=f"{event.id}/{building}", params={"event": event.id},
                )  # fmt: skip


@rule(
    "project.warranty-posting", zh="张贴保修到期公示并拍照", asks="A441 C1", since="2026.3", of=AgendaKind.PROJECT,
    section="letter",
)  # fmt: skip
def warranty_posting(p: ProjectFacts, n: LetterNumbers) -> Items:
    """Two months before the first covers of a building end, its residents read which, and are asked to report."""
    for code, batch, first in p.handed_over_from:
        for ends, components in _ends(p, first):
            last = p.shift(ends, n.warranty_posting.within)
            if not p.begun(p.day_of(p.shift(last, -n.warranty_posting_ahead))) or p.today > ends:
                continue
            for building in batch.buildings:
                yield replace(
                    posting(
                        p.episode, first, last, n.warranty_posting,
                        building=building, occurrence=f"{code}/{building}/{components[0]}",
                        params={"components": list(components), "ends": ends.isoformat()},
                    ),
                    closes=p.begins(ends),
                )  # fmt: skip


def _ends(p: ProjectFacts, first: Anchor) -> Iterator[tuple[date, Sequence[str]]]:
    """The days on which covers end for who took his home over first, with the components of each, by day."""
    found: dict[date, list[str]] = {}
    numbers = p.record.packs.on(first.on).pack.warranty
    for cover in covers(keys=first, completion=None, numbers=numbers, calendar=p.calendar, zone=p.zone):
        if cover.owner_ends is not None and not cover.design_life:
            found.setdefault(cover.owner_ends, []).append(cover.component)
    yield from sorted(found.items())
