"""Warranty end 保修期满: the ledger, the notices before each component's cover ends, and the reports of that period.

Entry: the first item at two months before its end; loops per item. Exit: every finite item ended and nothing open.
The two clocks of the ledger stand in `journey/domain/warranty.py`.
"""

from dataclasses import dataclass
from datetime import date, datetime

from journey.domain.asking import message, met_by, task
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.items import Anchor, DayRule, Late, Met, WhenMoved
from journey.domain.numbers.warranty import WarrantyNumbers
from journey.domain.periods import Period
from journey.domain.record import Cover
from journey.domain.rules import Items, rule
from journey.domain.values import Component, Role, Stage
from journey.domain.warranty import reported_in_cover

STAGE = Stage.WARRANTY_END
_PLACE = {component.value: place for place, component in enumerate(Component)}


def begins(j: Facts) -> datetime | None:
    """When it leads: two months before the last finite item's end; None while no end is known."""
    if j.warranty_ends is None:
        return None
    return j.begins(j.shift(j.warranty_ends, -j.pack.warranty.ending_within))


def entered(j: Facts) -> bool:
    """The last finite item is within two months of its end, or over."""
    start = begins(j)
    return start is not None and j.now >= start


@dataclass(frozen=True, slots=True)
class _Ending:
    """A cover with a known end, the design-life one left out."""

    component: str
    ends: date
    ends_at: datetime
    anchor: Anchor

    @property
    def params(self) -> dict[str, str]:
        return {"component": self.component, "ends": self.ends.isoformat()}


def _ending(cover: Cover) -> _Ending | None:
    if cover.owner_ends is None or cover.owner_ends_at is None or cover.anchor is None or cover.design_life:
        return None
    return _Ending(cover.component, cover.owner_ends, cover.owner_ends_at, cover.anchor)


def _finite(j: Facts) -> list[_Ending]:
    """In the order of components, so that the first of those that end on one day carries the others."""
    endings = [ending for cover in j.covers if (ending := _ending(cover)) is not None]
    lasting = [ending for ending in endings if not j.of_an_owner_before(ending.ends)]
    return sorted(lasting, key=lambda ending: _PLACE.get(ending.component, len(_PLACE)))


@rule("warranty.ledger", zh="补全保修台账", asks="A440 C4", since="2026.1")
def ledger(j: Facts, n: WarrantyNumbers) -> Items:
    """A home handed over with its completion date unknown: the ledger lacks the contractor's clock until it is told."""
    if j.keys and (j.completion is None or j.completion.known_at > j.keys.known_at):
        last = j.after(j.keys, n.ledger.within)
        yield task(j.episode, j.keys, last, n.ledger, by=Role.PROJECT_CS, met=met_by(j.completion))


@rule("warranty.expiry-notice", zh="保修到期告知", asks="A441 A440 C1", since="2026.1")
def expiry_notice(j: Facts, n: WarrantyNumbers) -> Items:
    """Owners are told two months, 30 days and 7 days before a cover ends, and asked to check and report.

    Items of one unit that end together go out as one; the last reminder is for those who said nothing since the first.
    One that an outage of ours delayed until the next is nearer is carried by it.
    """
    rungs = [(rung, rung.label, rung in n.silent_only) for rung in n.notices]
    for cover in _finite(j):
        ends_at, params = cover.ends_at.isoformat(), cover.params
        for rung, label, silent_only in rungs:
            last = _before_end(j, cover, rung)
            if j.of_an_owner_before(last) or (silent_only and j.spoke_since(_first_notice(j, cover, n))):
                continue
            yield message(
                j.unit, cover.anchor, last, n.notice_window,
                occurrence=f"{cover.component}/{label}", closes=cover.ends_at, late=Late.MERGE,
                when_moved=WhenMoved.REPEAT, group=f"{ends_at}/{label}", params={**params, "rung": label},
            )  # fmt: skip


@rule("warranty.joint-check", zh="到期前联合检查", asks="A440 A442 C1", since="2026.1")
def joint_check(j: Facts, n: WarrantyNumbers) -> Items:
    """Property and developer go through the home's expiring items together, once per end date."""
    seen: set[datetime] = set()
    for cover in _finite(j):
        if cover.ends_at in seen:
            continue
        seen.add(cover.ends_at)
        last = _before_end(j, cover, n.joint_check_before)
        if j.of_an_owner_before(last):
            continue
        yield task(
            j.unit, cover.anchor, last, n.joint_check,
            by=Role.PROPERTY_CS, occurrence=cover.component,
            day=DayRule.CONTACT, closes=cover.ends_at,
            params=cover.params,
        )  # fmt: skip


@rule("warranty.rectification", zh="期内报修限期整改", asks="A442 C4", since="2026.1")
def rectification(j: Facts, n: WarrantyNumbers) -> Items:
    """A defect reported while its cover lasts, even on the last evening, is put right by a set day (限期整改)."""
    covers = {cover.component: cover for cover in j.covers}
    for event in j.all("defect.reported"):
        cover = covers.get(str(event.data.get("component")))
        ending = _ending(cover) if cover else None
        if cover is None or ending is None or event.occurred_at < _first_notice(j, ending, n):
            continue
        if reported_in_cover(cover, event.occurred_at, j.zone):
            anchor = j.anchor(event)
            yield task(
                j.unit, anchor, j.after(anchor, n.rectification.within), n.rectification, by=Role.WARRANTY_OFFICE,
                occurrence=event.id, met=_rectified(j, event), params={"component": cover.component},
            )  # fmt: skip


def _rectified(j: Facts, event: Event) -> Met | None:
    """The repair that its report opened is finished."""
    case = j.cases.by_id.get(event.id)
    return met_by(case.current.finished) if case is not None else None


def _before_end(j: Facts, cover: _Ending, offset: Period) -> date | datetime:
    """A day (or instant) counted back from the end of a cover."""
    return j.shift(cover.ends_at if offset.is_subday else cover.ends, offset)


def _first_notice(j: Facts, cover: _Ending, n: WarrantyNumbers) -> datetime:
    """When the period of reports opens: with the first notice."""
    return j.begins(_before_end(j, cover, n.notices[0]))
