"""What a broadcast would do before it is opened: by outcome and reason, with some of its texts and what it costs."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import zip_longest
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.broadcasts import BroadcastState
from journey.domain.entries import State
from journey.domain.numbers.broadcast import Price
from journey.domain.saying import in_language
from journey.store import broadcast_audience, broadcast_wording
from journey.store.addressees import Addressed, addressees, people_rows, template_of
from journey.store.broadcast_attempts import home_rows, not_yet, outbox_rows, versions_of, words_of
from journey.store.broadcast_marks import item_of
from journey.store.broadcast_queries import Group, outcomes
from journey.store.broadcast_review import control_of, version_of
from journey.store.broadcast_wording import Fill, ended, text_for
from journey.store.broadcasts import NewBroadcast
from journey.store.judging import Attempt, Granted, Refused, judge
from journey.store.masking import masked_address, masked_name
from journey.store.reserving import variables
from journey.store.shelf import Shelf
from journey.store.tables import projects

SAMPLE: Final = 10
PAGE: Final = 100


@dataclass(slots=True)
class Costs:
    """What the messages counted so far cost, by channel; a channel without a price costs nothing that is known."""

    prices: Mapping[Any, Price] = field(default_factory=dict)
    currency: str | None = None
    messages: "Counter[str]" = field(default_factory=Counter)
    parts: "Counter[str]" = field(default_factory=Counter)

    def add(self, channel: str, text: str) -> None:
        """Count one message in words."""
        self.messages[channel] += 1
        self.parts[channel] += self.prices[channel].parts(text) if channel in self.prices else 1

    def document(self) -> dict[str, Any]:
        """By channel, and in all."""
        rows = [
            {
                "channel": channel,
                "messages": count,
                "parts": self.parts[channel],
                "cost": self._cost(channel),
            }
            for channel, count in sorted(self.messages.items())
        ]
        total = sum((self._amount(channel) for channel in self.messages), Decimal(0))
        return {"channels": rows, "cost": f"{total:.2f}", "currency": self.currency}

    def _amount(self, channel: str) -> Decimal:
        price = self.prices.get(channel)
        return Decimal(price.each) * self.parts[channel] if price is not None else Decimal(0)

    def _cost(self, channel: str) -> str | None:
        return f"{self._amount(channel):.2f}" if channel in self.prices else None


@dataclass(slots=True)
class Sample:
    """Some of the recipients: those who would get it by turns of language and channel, then others by reason."""

    _groups: dict[tuple[str, ...], list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, row: dict[str, Any]) -> None:
        """Look at one more; no group keeps more than are shown."""
        reached = row["text"] is not None
        group = ("", row["language"], row["channel"]) if reached else (row["outcome"], row["reason"] or "")
        kept = self._groups.setdefault(group, [])
        if len(kept) < SAMPLE:
            kept.append(row)

    def rows(self) -> list[dict[str, Any]]:
        """As many as are shown, the same ones for the same recipients."""
        groups = sorted(self._groups.items())
        reached = [rows for group, rows in groups if group[0] == ""]
        others = [rows for group, rows in groups if group[0] != ""]
        return [*_by_turns(reached), *_by_turns(others)][:SAMPLE]


def _by_turns(groups: Sequence[Sequence[dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    for turn in zip_longest(*groups):
        yield from (row for row in turn if row is not None)


@dataclass(slots=True)
class Forecast:
    """What a broadcast would do to the recipients looked at so far, told on the project's clocks."""

    purpose: str
    zone: str
    cursor: str | None = None
    more: bool = True
    counts: "Counter[Group]" = field(default_factory=Counter)
    held: dict[Group, datetime] = field(default_factory=dict)  # the earliest instant of each group
    sample: Sample = field(default_factory=Sample)
    costs: Costs = field(default_factory=Costs)
    texts: list[dict[str, Any]] = field(default_factory=list)  # what it says, by language and channel
    readers: "Counter[tuple[str, str]]" = field(default_factory=Counter)  # who would get it, by the same

    def document(self, lang: str) -> dict[str, Any]:
        """As it is shown."""
        shown = outcomes(self.counts, self.held, self.purpose, self.zone, lang)
        counted = {"recipients": self.counts.total(), "outcomes": shown, "sample": self.sample.rows()}
        texts = [one | {"recipients": self._readers(one)} for one in self.texts]
        return counted | {"texts": texts} | self.costs.document()

    def _readers(self, text: Mapping[str, Any]) -> int:
        return sum(self.readers[text["language"], channel] for channel in text["channels"])


def begin_forecast(session: Session, new: NewBroadcast, shelf: Shelf, now: datetime, fill: Fill) -> Forecast:
    """The forecast of a broadcast, with nobody looked at yet."""
    home = session.execute(select(projects).where(projects.c.id == new.project)).one()
    control = control_of(session, new.project, shelf, now)
    costs = Costs(control.prices, control.currency) if control is not None else Costs()
    version = version_of(session, home, shelf, now)
    texts = broadcast_wording.shown(new, version, shelf.texts, now, project=home.name, zone=home.zone, fill=fill)
    return Forecast(new.message_class.value, home.zone, costs=costs, texts=texts)


def look_at_page(
    session: Session, new: NewBroadcast, so_far: Forecast, now: datetime, *, shelf: Shelf, fill: Fill
) -> Forecast:
    """Decide on the next recipients as a send would, and write nothing; names and addresses are masked.

    `fill` puts a template into words; one that cannot be would fail.
    """
    zone = so_far.zone
    row = SimpleNamespace(
        id="", project_id=new.project, rule=new.rule, subject=new.subject, occurrence=new.occurrence, zone=zone,
        message_class=new.message_class.value, scope=new.scope, params=new.params, due=new.due, expires=new.expires,
        audience=new.audience, opened_at=now, cursor=so_far.cursor, paged_at=None,
        state=BroadcastState.DRAFT,
    )  # fmt: skip
    seen = broadcast_audience.waiting(session, row, now, PAGE)
    who = people_rows(session, seen.people)
    homes = broadcast_audience.homes_of(session, row, list(who))
    rows = home_rows(session, [found[0] for found in homes.values()])
    versions = versions_of(session, rows, shelf, now)
    known = addressees(session, who, homes, now)
    items = {person: item_of(row, person, known[person].who.zone or zone) for person in homes}
    begun = outbox_rows(session, [f"{item['key']}/{person}" for person, item in items.items()])
    said = words_of(session, row)
    for person, found in homes.items():
        home, item = rows[found[0]], items[person]
        kept = begun.get(f"{item['key']}/{person}")
        attempt = Attempt(
            found[0], item, known[person], home, kept, versions[found[0]], now, homes=found, words=said,
            texts=shelf.texts,
        )  # fmt: skip
        _count(so_far, attempt, _Words(shelf, fill, attempt))
    so_far.cursor, so_far.more = seen.upto, seen.upto is not None
    return so_far


@dataclass(frozen=True, slots=True)
class _Words:
    """What one recipient would read."""

    shelf: Shelf
    fill: Fill
    attempt: Attempt

    def text(self, name: str | None, channel: str) -> str | None:
        """What a channel would carry, with this name of its owner; None when it cannot be rendered."""
        attempt, texts, language = self.attempt, self.shelf.texts, self.attempt.to.who.language
        one = text_for(texts, attempt.version, language, template_of(attempt.item), channel)
        if one is None:
            return None
        said = variables(attempt.home, attempt.to.who, attempt.item["params"], attempt.now)
        said |= in_language(attempt.words, attempt.to.who.language)
        filled = self.fill(one.text, said | {"owner": {"name": name or ""}}, language)
        if filled is None:
            return None
        return ended(filled, attempt.item["class"], channel, language, texts, attempt.version)


def _count(so_far: Forecast, attempt: Attempt, words: _Words) -> None:
    judged = not_yet(attempt) or judge(attempt)
    goes = isinstance(judged, Granted) or judged.verdict.state is State.HELD
    way = attempt.addressed()
    text = words.text(attempt.to.who.name, way.channel) if goes else None
    state, reason = _group(judged) if text is not None or not goes else (State.FAILED.value, "template")
    so_far.counts[state, reason] += 1
    if isinstance(judged, Refused) and (until := judged.verdict.until) is not None:
        so_far.held[state, reason] = min(until, so_far.held.get((state, reason), until))
    if text is not None:
        so_far.costs.add(way.channel, text)
        so_far.readers[attempt.to.who.language, way.channel] += 1
    so_far.sample.add(_sampled(attempt, way, state, reason, words if text is not None else None))


def _group(judged: Granted | Refused) -> Group:
    if isinstance(judged, Granted):
        return State.SENT.value, None
    verdict = judged.verdict
    return verdict.state.value, verdict.reason.code if verdict.reason else None


def _sampled(attempt: Attempt, way: Addressed, state: str, reason: str | None, words: _Words | None) -> dict[str, Any]:
    name = masked_name(attempt.to.who.name)
    return {
        "unit": attempt.home.unit,
        "name": name,
        "language": attempt.to.who.language,
        "channel": way.channel,
        "address": masked_address(way.address),
        "outcome": state,
        "reason": reason,
        "text": words.text(name, way.channel) if words is not None else None,
    }
