"""When a journey was in which stage: the leading stage folded again at every instant at which it may have changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time

from journey.domain.clocks import at, local_date
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.opinions import judged_of
from journey.domain.record import Record
from journey.domain.stages import leading_stage, warranty_end
from journey.domain.values import Stage
from journey.domain.verdicts import Judged


@dataclass(frozen=True, slots=True)
class Band:
    """A stage that led from an instant until another; `until` is None for the one that leads now.

    The last stage of a life that was lost, cancelled or transferred ends with it.
    """

    stage: Stage
    begins: datetime
    until: datetime | None


def bands(record: Record, now: datetime) -> list[Band]:
    """The stages of a life up to `now`, as the facts known today tell them.

    A paper counts from its own day (`data.on`), not from the day on which a system heard of it.
    """
    judged = judged_of(record, record.events, now)
    led: list[tuple[datetime, Stage]] = []
    for instant in _instants(record, judged, now):
        stage = leading_stage(_facts(record, judged, instant))
        if not led or led[-1][1] is not stage:
            led.append((instant, stage))
    closing = _facts(record, judged, now).closing
    closed = _counts_from(closing, record.zone) if closing is not None else None
    ends = [*(begins for begins, _ in led[1:]), closed]
    return [Band(stage, begins, until) for (begins, stage), until in zip(led, ends, strict=True)]


def _instants(record: Record, judged: Judged, now: datetime) -> Sequence[datetime]:
    """The start, every fact, and the day on which the last cover is about to end; nothing after `now`."""
    told = [_counts_from(event, record.zone) for event in judged.live]
    first = min([record.started_at, *told])
    begins = warranty_end.begins(_facts(record, judged, now))
    return sorted({instant for instant in (first, *told, begins, now) if instant is not None and instant <= now})


def _facts(record: Record, judged: Judged, instant: datetime) -> Facts:
    """What is known of the life up to an instant."""
    live = list(_until(judged.live, record.zone, instant))
    pack = record.packs.on(local_date(instant, record.zone)).pack
    return Facts(record, replace(judged, live=live), pack, instant)


def _until(events: Sequence[Event], zone: str, instant: datetime) -> Iterator[Event]:
    return (event for event in events if _counts_from(event, zone) <= instant)


def _counts_from(event: Event, zone: str) -> datetime:
    """When a fact began to hold: at its instant, or with its own day when that lies before."""
    day = event.on(zone)
    if day >= local_date(event.occurred_at, zone):
        return event.occurred_at
    return at(day, time(0), zone)
