"""Breakers as the store keeps them: shared by every worker, written only when something fails or comes back.

A store where nothing fails has no row here, and asking costs one look at an empty table a page of sends.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from journey.domain import breaking
from journey.domain.breaking import Breaker, BreakerKind, BreakerState, provider_breaker, template_breaker
from journey.domain.consent import NEEDS_CONSENT
from journey.domain.numbers.kernel import BreakerNumbers
from journey.domain.routing import PROVIDER_STOPPED, TEMPLATE_STOPPED
from journey.domain.values import MessageClass
from journey.store.inserting import insert_new
from journey.store.tables import breakers

CATCHING_UP = "catching-up"
Name = tuple[BreakerKind, str]
_CODES = {BreakerKind.PROVIDER: PROVIDER_STOPPED, BreakerKind.TEMPLATE: TEMPLATE_STOPPED}
_NOT_CLOSED = select(breakers).where(breakers.c.state != BreakerState.CLOSED.value)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a send depends on: the text in its language, by its class."""

    template: str
    language: str
    message_class: MessageClass

    @property
    def emergency(self) -> bool:
        """It goes by a provider that stands still: perhaps it gets through."""
        return self.message_class is MessageClass.EMERGENCY

    @property
    def urgent(self) -> bool:
        """It goes before care and marketing."""
        return self.message_class not in NEEDS_CONSENT


@dataclass(frozen=True, slots=True)
class Waits:
    """It may not pass now: until when, and by which breaker."""

    until: datetime
    code: str
    name: str


@dataclass(slots=True)
class Gate:
    """What may pass now, for the sends of one transaction; `write` keeps what it handed out.

    `carriers` names the provider of each channel that the installation has; None: every channel has one.
    """

    now: datetime
    carriers: Mapping[str, str] | None = None
    rows: dict[Name, Breaker] = field(default_factory=dict)
    _changed: set[Name] = field(default_factory=set)

    @property
    def carried(self) -> frozenset[str] | None:
        """The channels that have a provider; None when all do."""
        return None if self.carriers is None else frozenset(self.carriers)

    def stopped(self, channel: str, subject: Subject) -> str | None:
        """The code of the open breaker that keeps a message off a channel; None when it may go or may be a probe."""
        for one in self._watching(channel, subject):
            if one.state is BreakerState.OPEN and not one.may_probe(self.now):
                return _CODES[one.kind]
        return None

    def passes(self, channel: str, subject: Subject, n: BreakerNumbers) -> "Waits | tuple[Name, ...]":
        """Let one message through: the breakers that its success closes; or what it waits for."""
        probes: list[Name] = []
        later: dict[Name, Breaker] = {}
        for one in self._watching(channel, subject, all_of_them=True):
            key = (one.kind, one.name)
            if one.state is BreakerState.OPEN:
                ignored = subject.emergency and one.kind is BreakerKind.PROVIDER
                if not ignored and not one.may_probe(self.now):
                    return self.waits(channel, subject, n)
                probes.append(key)
                later[key] = one if ignored else breaking.probed(one, self.now, n)
            elif not subject.emergency:
                through = breaking.taken(one, self.now, n, urgent=subject.urgent)
                if through is None:
                    return self._wait(one, subject, n, CATCHING_UP)
                later[key] = through
        for key, changed in later.items():
            self._put(key, changed)
        return tuple(probes)

    def waits(self, channel: str, subject: Subject, n: BreakerNumbers) -> Waits:
        """When a message that an open breaker keeps back is to ask again."""
        open_ones = [one for one in self._watching(channel, subject) if one.state is BreakerState.OPEN]
        last = max(open_ones, key=lambda one: one.probe_at or self.now)
        return self._wait(last, subject, n, _CODES[last.kind])

    def write(self, session: Session) -> None:
        """Keep what was handed out."""
        for kind, name in sorted(self._changed):
            _update(session, self.rows[kind, name])
        self._changed.clear()

    def _wait(self, one: Breaker, subject: Subject, n: BreakerNumbers, code: str) -> Waits:
        changed, until = breaking.waiting(one, self.now, n, urgent=subject.urgent)
        self._put((one.kind, one.name), changed)
        return Waits(until, code, one.name)

    def _watching(self, channel: str, subject: Subject, *, all_of_them: bool = False) -> Iterable[Breaker]:
        """The breakers of a send that are not closed; an emergency is kept back by templates only."""
        if not self.rows:
            return
        if (all_of_them or not subject.emergency) and self.carriers is not None and channel in self.carriers:
            yield from self._row(BreakerKind.PROVIDER, provider_breaker(channel, self.carriers[channel]))
        yield from self._row(BreakerKind.TEMPLATE, template_breaker(subject.template, subject.language))
        yield from self._row(BreakerKind.TEMPLATE, template_breaker(subject.template, subject.language, channel))

    def _row(self, kind: BreakerKind, name: str) -> Iterable[Breaker]:
        if (kind, name) in self.rows:
            yield self.rows[kind, name]

    def _put(self, key: Name, changed: Breaker) -> None:
        if self.rows[key] != changed:
            self.rows[key] = changed
            self._changed.add(key)


def gate(session: Session, now: datetime, carriers: Mapping[str, str] | None) -> Gate:
    """The gate of a transaction that reserves sends; the breakers that are not closed are locked, the last of all."""
    found = session.execute(_NOT_CLOSED).all()
    if found:
        found = session.execute(
            _NOT_CLOSED.order_by(breakers.c.kind, breakers.c.name).with_for_update(key_share=True)
        ).all()
    rows = [_breaker(row) for row in found]
    return Gate(now, carriers, {(one.kind, one.name): one for one in rows})


@dataclass(frozen=True, slots=True)
class Outcome:
    """One call that failed, or one that shows that an open breaker may close; `passed` went well before, unwritten."""

    kind: BreakerKind
    name: str
    failed: bool
    numbers: BreakerNumbers
    error: str | None = None
    passed: int = 0
    probe: bool = False


def note(session: Session, outcomes: Sequence[Outcome], now: datetime) -> list[str]:
    """Write down failures and probes, each breaker once; the names of the breakers that opened."""
    opened = []
    by_name = groupby(sorted(outcomes, key=_name_of), key=_name_of)
    for (kind, name), ended in by_name:
        known = _locked(session, kind, name, now)
        changed = known
        for one in ended:
            was, changed = changed, _after(changed, one, now)
            if changed.state is BreakerState.OPEN and was.state is not BreakerState.OPEN:
                opened.append(name)
        if changed != known:
            _update(session, changed)
    return opened


def _name_of(one: Outcome) -> Name:
    return one.kind, one.name


def _after(known: Breaker, one: Outcome, now: datetime) -> Breaker:
    if not one.failed:
        return breaking.closed(known, now) if known.state is BreakerState.OPEN else known
    if one.probe and known.state is BreakerState.OPEN:
        known = breaking.probe_failed(known, now, one.numbers)
    return breaking.counted(known, now, one.numbers, failed=1, passed=one.passed, error=one.error)


def _locked(session: Session, kind: BreakerKind, name: str, now: datetime) -> Breaker:
    where = (breakers.c.kind == kind.value, breakers.c.name == name)
    row = session.execute(select(breakers).where(*where).with_for_update(key_share=True)).first()
    if row is not None:
        return _breaker(row)
    fresh = Breaker(kind, name, since=now)
    insert_new(session, breakers, _values(fresh))
    return _breaker(session.execute(select(breakers).where(*where).with_for_update(key_share=True)).one())


def _update(session: Session, one: Breaker) -> None:
    values = {name: value for name, value in _values(one).items() if name not in ("kind", "name")}
    session.execute(
        update(breakers).where(breakers.c.kind == one.kind.value, breakers.c.name == one.name).values(**values)
    )


def keep(session: Session, one: Breaker) -> None:
    """Write a breaker that was read."""
    _update(session, one)


def read(session: Session, kind: str, name: str) -> Breaker | None:
    """One breaker, locked; None while nothing of that name ever failed."""
    where = (breakers.c.kind == kind, breakers.c.name == name)
    row = session.execute(select(breakers).where(*where).with_for_update(key_share=True)).first()
    return _breaker(row) if row is not None else None


def _values(one: Breaker) -> dict[str, Any]:
    return asdict(one) | {"kind": one.kind.value, "state": one.state.value}


def _breaker(row: Any) -> Breaker:
    values = dict(row._mapping)
    return Breaker(**values | {"kind": BreakerKind(row.kind), "state": BreakerState(row.state)})
