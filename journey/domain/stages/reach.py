"""Whether owners can be reached: a number that was a stranger's is verified anew, what they answer is read (C8)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from journey.domain.asking import met_by, task
from journey.domain.clocks import local_date
from journey.domain.entries import ENDED
from journey.domain.event_types.channels import address_of
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.items import Anchor, Met, key_of
from journey.domain.numbers.contact import ContactNumbers
from journey.domain.receipts import PLACED
from journey.domain.replies import Meaning, acknowledges, is_wordless, meaning_of, settles
from journey.domain.results import Result
from journey.domain.rules import Items, rule
from journey.domain.stages.signing import READ_CONTRACT
from journey.domain.values import Role

ASKED_FOR = frozenset({READ_CONTRACT})  # messages that ask for an answer: their rules read it
ANSWER = "contact.answer"


@rule("contact.verify", zh="核实业主联系方式", asks="A021 C8", since="2026.3", after_closing=True)
def verify(j: Facts, n: ContactNumbers) -> Items:
    """An address was a stranger's, or dead: the keeper finds the right one and verifies it (PIPL 8, 46)."""
    for event in j.all("contact.invalid"):
        if event.data.get("cause") and event.person in j.owners:
            anchor = _told(j, event)
            yield task(
                j.episode, anchor, j.after(anchor, n.verify.within), n.verify, by=Role.KEEPER, occurrence=event.id,
                met=_verified(j, event, n), params={"person": event.person, "channel": str(event.data["channel"])},
            )  # fmt: skip


@rule(ANSWER, zh="回复业主来信", asks="A021 C8", since="2026.3", after_closing=True)
def answer(j: Facts, n: ContactNumbers) -> Items:
    """What an owner writes is read and answered, to whatever it is or to nothing; the words stay in the store."""
    for event in _conversations(j, n):
        anchor = _told(j, event)
        yield task(
            j.episode, anchor, j.after(anchor, n.answer.within), n.answer, by=Role.KEEPER, occurrence=event.id,
            params={"person": event.person} if event.person else {},
        )  # fmt: skip


def _verified(j: Facts, event: Event, n: ContactNumbers) -> Met | None:
    """The word that settles an invalid address; where new ones are verified first, a change alone does not."""
    kinds = ("contact.verified",) if n.verified_first else ("contact.verified", "contact.changed")
    later = [
        one
        for kind in kinds
        for one in j.all(kind)
        if one.person == event.person and one.order > event.order and _kept_as(one) == _kept_as(event)
    ]
    return met_by(j.anchor(min(later, key=lambda one: one.order))) if later else None


def _kept_as(event: Event) -> str:
    return address_of(str(event.data.get("channel")))


def _conversations(j: Facts, n: ContactNumbers) -> Iterator[Event]:
    """Answers for a person to read, in the order told; what comes while the first of them waits belongs to it.

    One that somebody has on his desk already stays there, whatever becomes of the others.
    """
    begun: dict[str | None, Event] = {}
    for event in sorted([*j.answers, *_unplaced(j, n)], key=lambda one: (one.recorded_at, one.id)):
        if _needs_none(event, n):
            continue
        first, entry = begun.get(event.person), j.record.entries.get(_key(j, event))
        on_a_desk = entry is not None and entry.task is not None
        if first is None or on_a_desk or not _waited(j, first, event.recorded_at, n):
            begun[event.person] = event
            yield event


def _unplaced(j: Facts, n: ContactNumbers) -> Iterator[Event]:
    """What strangers said that lost nobody's number, for nothing tells which one it was: a person finds out."""
    for event in j.all("message.replied"):
        said = event.person is None and meaning_of(str(event.data.get("text", "")), n)
        if said is Meaning.WRONG_PERSON and not event.data.get(PLACED):
            yield event


def _needs_none(event: Event, n: ContactNumbers) -> bool:
    """Whether an answer asks for nothing: thanks and the like, the word that its message asked for, or nobody's."""
    if is_wordless(event):
        return True
    text = str(event.data["text"])
    return acknowledges(text, n) or ((event.about or {}).get("item") in ASKED_FOR and settles(text, n))


def _waited(j: Facts, first: Event, at: datetime, n: ContactNumbers) -> bool:
    """Whether an answer still waited for its own at an instant; one that nobody began waits for its window.

    By what people said of it, of which the ledger's own word follows with this plan, and by the ledger.
    """
    key = _key(j, first)
    entry = j.record.entries.get(key)
    task = entry.task if entry is not None else None
    said = [one for one in j.results if (one.task == task if one.task else _names(one, first))]
    ends = [one.at for one in said if one.outcome != "not-reached"]
    ends += [one.at for one in said if one.outcome == "not-reached"][n.answer.attempts - 1 :]
    ends += [skip.occurred_at for skip in j.all("item.skipped") if skip.data.get("key") == key]
    if entry is not None and entry.state in ENDED:
        ends.append(entry.at)
    if ends:
        return at <= min(ends) and (task is not None or bool(said))
    closes = j.shift(j.after(_told(j, first), n.answer.within), n.answer.window)
    return task is not None or j.now < j.begins(closes)


def _names(result: Result, first: Event) -> bool:
    return (result.rule, result.occurrence) == (ANSWER, first.id)


def _key(j: Facts, event: Event) -> str:
    return key_of(ANSWER, j.episode, event.id)


def _told(j: Facts, event: Event) -> Anchor:
    """The event as an anchor on the day it was told of: it has no `on` of its own."""
    anchor = j.anchor(event)
    return replace(anchor, on=local_date(anchor.at, j.zone))
