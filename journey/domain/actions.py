"""What an operator may do to an item as it stands; a refusal is a Conflict whose reason a clerk understands."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from journey.domain.clocks import local
from journey.domain.entries import ENDED, RUNNING, State, outcome
from journey.domain.errors import Conflict, InvalidInput, NotFound, field_error
from journey.domain.reasons import Reason

PLANNED: Final = "planned"
# It happened, or it may have: nobody takes that back.
GONE_OUT: Final = frozenset({State.SENT, State.DELIVERED, State.SERVED, State.DONE, State.UNKNOWN, State.RESERVED})
MOST_NAMED: Final = 10
_MOVABLE: Final = RUNNING | {State.HELD}
_SKIPPABLE: Final = _MOVABLE | {State.SUPPRESSED}


@dataclass(frozen=True, slots=True)
class Standing:
    """An item as an operator finds it; `state` is `planned` or its entry's, `signature` and `fact` are the entry's."""

    key: str
    state: str
    due: datetime | None
    legal_due: datetime | None = None
    expires: datetime | None = None
    statutory: bool = False
    signature: str = ""
    fact: str | None = None

    @property
    def rule(self) -> str:
        """The rule that asks for it."""
        return self.key.split("/", 1)[0]

    @property
    def base(self) -> str:
        """Its key without what a redo added."""
        return self.key.split("~", 1)[0]


@dataclass(frozen=True, slots=True)
class Named:
    """How an operator names an item: by its key, or by its rule with the occurrence where there are several."""

    key: str | None = None
    item: str | None = None
    occurrence: str | None = None


def find(standings: Mapping[str, Standing], named: Named, states: Collection[str]) -> Standing:
    """The item that is meant; of several the only one in one of `states`. NotFound names what there is."""
    text = named.key or named.item
    if text is None:
        raise InvalidInput((field_error("key", "required"),))
    if "/" in text:
        found = [standings[text]] if text in standings else []
    else:
        found = [one for one in standings.values() if one.rule == text and _occurs(one, named.occurrence)]
    if len(found) > 1:
        found = [one for one in found if one.state != State.WITHDRAWN] or found
        found = [one for one in found if one.state in states] or found
    if len(found) > 1:
        known = _listed(one.key for one in found)
        raise InvalidInput((field_error("key" if named.key else "item", "ambiguous", known=known),))
    if not found:
        near = [key for key in standings if key.split(".", 1)[0] == text.split(".", 1)[0]]  # of the same stage
        raise NotFound(Reason("no-such-item", {"known": _listed(near or standings)}))
    return found[0]


def expect(standing: Standing, expected: str | None, *, zone: str) -> None:
    """Conflict unless the item is as the operator saw it, a state or `state@due`; it says what lists show now."""
    if expected is None:
        return
    state, _, due = expected.partition("@")
    if state not in (standing.state, shown(standing.state)) or (due and _instant(due) != standing.due):
        present = seen_as(standing.state, local(standing.due, zone) if standing.due else None)
        raise Conflict(Reason("changed-meanwhile", {"expected": expected, "state": standing.state, "present": present}))


def seen_as(state: str, due: datetime | None) -> str:
    """What lists show as `expected`: hand it back to act only on what was seen."""
    return f"{state}@{due.isoformat()}" if due else state


def shown(state: str) -> str:
    """The outcome that people are shown for a state."""
    return PLANNED if state == PLANNED else outcome(State(state))


def may_skip(standing: Standing, *, statutory: bool) -> None:
    """What has not ended may be skipped; a statutory duty only by the word for it."""
    _not_under_way(standing)
    if standing.state != PLANNED and standing.state not in _SKIPPABLE:
        raise Conflict(Reason("already-ended", {"state": standing.state, "action": "skip"}))
    if standing.statutory and not statutory:
        raise Conflict(Reason("statutory"))


def may_redo(standing: Standing, standings: Mapping[str, Standing]) -> None:
    """What has ended may be done again, unless a repetition is still ahead or nobody asks for it any more."""
    for one in (standing, *(other for other in standings.values() if other.base == standing.base)):
        _not_under_way(one)
        if one.state == PLANNED or one.state not in ENDED:
            raise Conflict(Reason("not-ended", {"state": one.state}))
    if standing.state == State.WITHDRAWN:
        raise Conflict(Reason("no-longer-asked"))


def may_reschedule(standing: Standing, to: datetime, *, now: datetime, zone: str) -> None:
    """What has not begun or runs may move: into the future, within its window, and never past the law's end."""
    _not_under_way(standing)
    if standing.state != PLANNED and standing.state not in _MOVABLE:
        raise Conflict(Reason("already-ended", {"state": standing.state, "action": "reschedule"}))
    if to <= now:
        raise InvalidInput((field_error("to", "in-the-past", now=local(now, zone).isoformat()),))
    legal = standing.legal_due if standing.statutory else None
    if legal is not None and to > legal:
        raise InvalidInput((field_error("to", "after-legal-due", limit=local(legal, zone).isoformat()),))
    ends = standing.expires
    # Work that runs on past its window has no other end that a new date could miss.
    runs_on = ends is not None and standing.state in RUNNING and ends <= now
    if ends is not None and not runs_on and to > ends:
        raise InvalidInput((field_error("to", "after-window", limit=local(ends, zone).isoformat()),))


def may_decide(standing: Standing, standings: Mapping[str, Standing], *, happened: bool) -> None:
    """Only an unknown outcome is decided; one that was redone cannot go again by itself."""
    if standing.state != State.UNKNOWN:
        raise Conflict(Reason("not-unknown", {"state": standing.state}))
    again = [one for one in standings.values() if one.base == standing.key and one.key != standing.key]
    if not happened and any(one.state != State.WITHDRAWN for one in again):
        raise Conflict(Reason("decided-by-redo"))


def may_undo(kind: str, event: str, data: Mapping[str, Any], standings: Mapping[str, Standing]) -> None:
    """An item's event is taken back unless what it asked for has gone out or was done."""
    key = str(data.get("key"))
    standing = standings.get(f"{key.split('~')[0]}~{event}" if kind == "item.redone" else key)
    if standing is None or standing.state == PLANNED or kind == "item.skipped":
        return
    gone = standing.state in GONE_OUT
    if kind == "item.decided":
        waits = standing.state == State.UNKNOWN and data.get("seen") == standing.signature
        acted = standing.state in (State.SENT, State.HELD, State.FAILED) and standing.fact == event
        gone = not (waits or acted)
    if gone:
        raise Conflict(Reason("gone-out", {"state": standing.state}))


def _not_under_way(standing: Standing) -> None:
    if standing.state == State.RESERVED:
        raise Conflict(Reason("send-under-way"))


def _occurs(standing: Standing, occurrence: str | None) -> bool:
    return occurrence is None or standing.key.split("/", 2)[-1] == occurrence


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise InvalidInput((field_error("expected", "not-an-instant"),))
    return instant


def _listed(keys: Iterable[str]) -> str:
    named = sorted(keys)
    more = " …" if len(named) > MOST_NAMED else ""
    return ", ".join(named[:MOST_NAMED]) + more if named else "-"
