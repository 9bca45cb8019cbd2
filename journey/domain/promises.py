"""What was promised to an owner, and what became of it (A012): told by itself, or with a call or a visit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.items import Anchor, key_of

RULE = "signing.promise"


class Fate(StrEnum):
    """What became of a promise."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Promise:
    """Promises of one event; `until` is the first agreed day, `ended` the event that says kept or broken."""

    made: Anchor
    count: int
    until: date | None
    task: str | None
    fate: Fate
    ended: Anchor | None

    def document(self) -> dict[str, Any]:
        """As the ledger shows it: never what was promised."""
        until = self.until.isoformat() if self.until else None
        return {"event": self.made.event, "on": self.made.on.isoformat(), "until": until, "count": self.count}


def promises(j: Facts) -> Sequence[Promise]:
    """Every promise, in the order in which they were made."""
    spoken = (event for event in (*j.all("call.result"), *j.all("visit.recorded")) if event.data.get("promises"))
    made = sorted((*j.all("promise.recorded"), *spoken), key=lambda event: event.order)
    words = _words(j, made)
    return [_promise(j, event, words.get(event.id)) for event in made]


def ledger(j: Facts) -> dict[str, Any]:
    """The promises that are open, and how many were kept and broken; empty without any."""
    found = promises(j)
    if not found:
        return {}
    fates = [promise.fate for promise in found]
    return {
        "open": [promise.document() for promise in found if promise.fate is Fate.OPEN],
        "kept": fates.count(Fate.KEPT),
        "broken": fates.count(Fate.BROKEN),
    }


def _promise(j: Facts, event: Event, word: Event | None) -> Promise:
    spoken = event.data.get("promises") or []
    days = [event.read_date("until"), *(_day(each.get("by")) for each in spoken if isinstance(each, dict))]
    fate = _fate(j, event, word)
    return Promise(
        made=j.anchor(event),
        count=max(len(spoken), 1),
        until=min((day for day in days if day is not None), default=None),
        task=(event.about or {}).get("task"),
        fate=fate,
        ended=j.anchor(word) if word else None,
    )


def _fate(j: Facts, event: Event, word: Event | None) -> Fate:
    """The last word on a promise; work that was reported done has kept it."""
    if word is not None:
        return Fate.KEPT if word.type == "promise.kept" else Fate.BROKEN
    return Fate.KEPT if j.task_done(key_of(RULE, j.episode, event.id)) else Fate.OPEN


def _words(j: Facts, made: Sequence[Event]) -> dict[str, Event]:
    """By promise: the last word on it. One that names no promise is of the only one that was open then."""
    said: dict[str, Event] = {}
    for word in sorted((*j.all("promise.kept"), *j.all("promise.breached")), key=lambda event: event.order):
        if word.data.get("promise") is not None:
            named = [promise for promise in made if _names(word, promise)]
        else:
            stood = [promise for promise in made if _open_at(j, promise, word, said)]
            named = stood if len(stood) == 1 else []
        said.update({promise.id: word for promise in named})
    return said


def _open_at(j: Facts, promise: Event, word: Event, said: Mapping[str, Event]) -> bool:
    """Whether a promise had been made by the time of a word, and neither kept nor broken."""
    done = j.task_done(key_of(RULE, j.episode, promise.id), word.occurred_at)
    return promise.order < word.order and promise.id not in said and not done


def _names(word: Event, promise: Event) -> bool:
    named = word.data.get("promise")
    return named == promise.id or (word.source == promise.source and named == promise.source_id)


def _day(value: Any) -> date | None:
    """Until when, where a promise of a call says that in place of who made it."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
