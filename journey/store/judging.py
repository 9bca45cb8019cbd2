"""The decision on one attempt to send: may it go, by which channel, and what is kept of why (`docs/decisions.md`).

Nothing is written but what the gate of the breakers hands out.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from journey.domain.calendar import WorkCalendar
from journey.domain.consent import LEAST_HOLD, Fail, Hold, Merge, Send, Suppress, decide
from journey.domain.entries import State
from journey.domain.packs import PackVersion
from journey.domain.reasons import Reason
from journey.domain.routing import NOT_APPROVED, STOPPED
from journey.domain.sendings import HASH
from journey.store.addressees import (
    Addressed,
    Addressee,
    Way,
    addressed,
    subject_of,
    template_of,
)
from journey.store.breakers import Gate, Name, Waits
from journey.store.outbox import SETTLED, Verdict
from journey.store.shelf import Shelf
from journey.store.texts import Texts, Withheld


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send an item to a person; `home` is the home it speaks of, `row` what the outbox has of the key.

    `homes` of a broadcast: the journey that carries it first, then all others that it reaches him by; `words` are
    variables of its own.
    `gate` is shared by all attempts of a transaction, and written by it at the end. `calendar` is there where calls may
    be made. `texts` say which version may go, by the channels of `approving` only if their provider knows it.
    """

    journey: str
    item: Mapping[str, Any]
    to: Addressee
    home: Any
    row: Any
    version: PackVersion
    now: datetime
    homes: Sequence[str] = ()
    words: Mapping[str, Any] = field(default_factory=dict)
    gate: Gate | None = None
    calendar: WorkCalendar | None = None
    texts: Texts | None = None
    approving: Collection[str] = ()

    @property
    def person(self) -> str:
        """Whom it is for."""
        return str(self.to.who.id)

    @property
    def key(self) -> str:
        """The item with its recipient: unique in the whole store."""
        return f"{self.item['key']}/{self.person}"

    @property
    def begun(self) -> bool:
        """A send was reserved, and nobody knows its end."""
        return self.row is not None and self.row.state == "reserved"

    @property
    def called(self) -> bool:
        """A call may have gone out."""
        return self.begun and self.row.calls > 0

    def addressed(self) -> Addressed:
        """The way that it would take now: by its own channel only where a call may have gone out."""
        return addressed(self.to, self.item, self.version.pack, self.home.zone, self.now, self._way)

    @property
    def _way(self) -> Way:
        pinned = self.row.channel if self.called else None
        return Way(self.gate or Gate(self.now), refusals(self.row), pinned, self.calendar, self._lacks)

    def _lacks(self, channel: str) -> str | None:
        """Who keeps the text back on a channel; None when a version of it may go."""
        if self.texts is None:
            return None
        carriers = self.gate.carriers if self.gate is not None else None
        provider = (carriers or {}).get(channel) if channel in self.approving else None
        language, template = self.to.who.language, template_of(self.item)
        found = self.texts.active(self.version.hash, language, template, channel, provider)
        return ", ".join(sorted(found.lacks)) if isinstance(found, Withheld) else None


@dataclass(frozen=True, slots=True)
class Granted:
    """It may go, by this channel to this address; `probes` are the breakers that its success closes."""

    channel: str
    address: str
    probes: Sequence[Name] = ()
    decision: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """It may not; `ends` is the state in which a send that had begun ends."""

    verdict: Verdict
    ends: str | None = None


def calling_days(session: Session, shelf: Shelf, version: PackVersion, message_class: str) -> WorkCalendar | None:
    """The calendar that says on which days nobody is called; None for a class that calls nobody."""
    pack = version.pack
    return shelf.calendar(session, pack.country) if "voice" in pack.messages.order(message_class) else None


def judge(attempt: Attempt) -> Granted | Refused:
    """The decision on one attempt; nothing is written but what the gate hands out."""
    settled = already(attempt.row, attempt.journey, attempt.person)
    if settled is not None:
        return Refused(settled)
    way = attempt.addressed()
    decision = decide(way.request)
    judged = _by_channel(attempt, way) if isinstance(decision, Send) else _refused(attempt, decision)
    if isinstance(judged, Granted):
        return replace(judged, decision=_record(attempt, way, State.SENT, None))
    if attempt.called:
        # It may have gone out already, and only the same provider could make one contact of two calls.
        judged = Verdict(attempt.person, State.UNKNOWN, Reason("no-longer-allowed"))
    verdict = replace(judged, decision=_record(attempt, way, judged.state, judged.reason))
    # One that was reserved and never called did not go.
    ends = "unknown" if attempt.called else "failed" if attempt.begun else None
    return Refused(verdict, ends)


def _by_channel(attempt: Attempt, way: Addressed) -> Granted | Verdict:
    """It may go, if a channel is left that carries it and is not stopped."""
    lost, numbers = way.route.lost, attempt.version.pack.messages.breaker
    if lost == NOT_APPROVED:  # it waits for the approval, while its window is open
        by = next(one.detail for one in way.route.considered if one.why == lost)
        return Verdict(attempt.person, State.HELD, Reason(lost, {"by": by or ""}), attempt.now + LEAST_HOLD)
    if lost is not None and lost not in STOPPED:
        tried = way.looked["order"]
        return Verdict(attempt.person, State.FAILED, Reason("no-channel-left", {"tried": tried}))
    if attempt.gate is None or attempt.called:
        return Granted(way.channel, way.address or "")
    subject = subject_of(attempt.to, attempt.item)
    through = attempt.gate.passes(way.channel, subject, numbers)
    if isinstance(through, Waits):
        params = {"name": through.name, "until": through.until.isoformat()}
        return Verdict(attempt.person, State.HELD, Reason(through.code, params), through.until)
    return Granted(way.channel, way.address or "", through)


def _record(attempt: Attempt, way: Addressed, outcome: State, reason: Reason | None) -> dict[str, Any]:
    """What is kept of a decision; refusals of this message by other channels stay with it."""
    record = dict(way.looked) | {"pack": attempt.version.hash[:HASH], "outcome": outcome.value}
    if reason is not None:
        record["reason"] = reason.document()
    refused = refusals(attempt.row)
    if refused:
        record["refused"] = {channel: [error, at.isoformat()] for channel, (error, at) in refused.items()}
    return record


def refusals(row: Any) -> dict[str, tuple[str, datetime]]:
    """The channels whose providers refused this very message for good: the error, and when."""
    if row is None:
        return {}
    kept = (row.decision or {}).get("refused") or {}
    found = {channel: (error, datetime.fromisoformat(at)) for channel, (error, at) in kept.items()}
    reason = row.reason or {}
    if row.state == "failed" and reason.get("code") == "provider-refused":
        found[row.channel] = (str(reason.get("params", {}).get("error")), row.updated_at)
    return found


def already(row: Any, journey: str, person: str) -> Verdict | None:
    """What stands under the key: carried by another journey, or ended; None while it may still go."""
    if row is None or (row.journey_id == journey and row.state not in SETTLED):
        return None
    if row.journey_id != journey:
        return Verdict(person, State.MERGED, Reason("merged", {"into": row.journey_id}), carrier=row.entry_key)
    return Verdict(person, State(row.state), Reason.read(row.reason))


def _refused(attempt: Attempt, decision: Hold | Suppress | Merge | Fail) -> Verdict:
    person = attempt.person
    match decision:
        case Hold(until=until, reason=code):
            return Verdict(person, State.HELD, Reason(code, {"until": until.isoformat()}), until)
        case Suppress(reason=code):
            return Verdict(person, State.SUPPRESSED, Reason(code, {"purpose": attempt.item["class"]}))
        case Fail(reason=code):
            return Verdict(person, State.FAILED, Reason(code))
        case Merge(into=into):
            return Verdict(person, State.MERGED, Reason("merged", {"into": into}), carrier=into)
