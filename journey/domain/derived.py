"""Items that follow from other items: an operator's redo, a notice whose date moved, or that did not arrive."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from journey.domain.base_facts import BaseFacts
from journey.domain.clocks import at, local_date
from journey.domain.entries import WENT_OUT, Entry, State
from journey.domain.items import Item, Met, WhenMoved
from journey.domain.reasons import Reason
from journey.domain.sent_otherwise import asked_again, sent_again

HAPPENED = WENT_OUT | {State.DONE}


def derived_items(items: Sequence[Item], facts: BaseFacts) -> list[Item]:
    """Redone, moved, undelivered items: their keys add `~` and the id of the event that asked (`kernel.md` §4)."""
    by_key = {item.key: item for item in items}
    derived: list[Item] = []
    for event in facts.all("item.redone"):
        base = by_key.get(str(event.data.get("key")).split("~")[0])
        if base is not None:
            known = event.recorded_at
            derived.append(_again(base, event.id, _soon(base, facts, known), known, Reason("redone")))
    for base, asked in asked_again(by_key, facts):
        known = asked.event.recorded_at
        again = _again(base, asked.event.id, _soon(base, facts, known), known, asked.reason)
        repeat = sent_again(base, again, asked, facts)
        derived += [repeat] if repeat is not None else []
    sent = _last_sent(facts.record.entries)
    for item in items:
        entry = sent.get(item.key)
        if entry is None or item.when_moved is WhenMoved.KEEP or entry.anchor_on == item.anchor.on:
            continue
        derived.append(_moved(item, entry, facts))
    kept = {item.key for item in derived}
    order = {item.key: place for place, item in enumerate(items)}  # so that the same one carries a group again
    return sorted(derived + _still_asked(items, facts, kept), key=lambda item: order[item.key.split("~")[0]])


def put_right(facts: BaseFacts) -> dict[str, list[str]]:
    """By voiding or correcting event: the keys of what went out on the fact it took back."""
    wrong: dict[str, list[str]] = {}
    for entry in facts.record.entries.values():
        if entry.state not in (*WENT_OUT, State.UNKNOWN) or entry.anchor_event is None:
            continue
        voided = facts.judged.voided.get(entry.anchor_event)
        correction = facts.judged.moved_by.get(entry.anchor_event)
        if voided is not None:
            wrong.setdefault(voided, []).append(entry.key)
        elif correction is not None and entry.moved_by != correction.id and _moved_away(entry, facts):
            wrong.setdefault(correction.id, []).append(entry.key)
    return {event: sorted(keys) for event, keys in wrong.items()}


def _moved_away(entry: Entry, facts: BaseFacts) -> bool:
    """Whether the fact that an entry stood on has other days now."""
    event = facts.event(entry.anchor_event)
    return event is None or entry.anchor_on not in (event.on(facts.zone), event.read_date("contract_handover_date"))


def _last_sent(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """By base key: the latest entry that went out or was done, by itself or carried by another of its group."""
    last: dict[str, Entry] = {}
    for entry in entries.values():
        base = entry.key.split("~")[0]
        carrier = entries.get(entry.carrier) if entry.carrier and entry.state is State.MERGED else None
        if (entry.state in HAPPENED or (carrier is not None and carrier.state in WENT_OUT)) and (
            base not in last or _begun(last[base]) < _begun(entry)
        ):
            last[base] = entry
    return last


def _begun(entry: Entry) -> datetime:
    """What was begun later was asked for later; a proof that comes late makes no letter the later one."""
    return entry.opened_at or entry.at


def _still_asked(items: Sequence[Item], facts: BaseFacts, kept: set[str]) -> list[Item]:
    """A repeat that went out itself is still asked for while its base is: it stays history, not a withdrawal."""
    by_key = {item.key: item for item in items}
    again = []
    for entry in facts.record.entries.values():
        base = by_key.get(entry.key.split("~")[0])
        if "~" in entry.key and entry.key not in kept and base is not None and entry.state in HAPPENED:
            asked_by = entry.key.split("~", 1)[1]
            group = f"{base.group}~{asked_by}" if base.group else None
            key, occurrence = entry.key, f"{base.occurrence}~{asked_by}"
            again.append(replace(base, key=key, occurrence=occurrence, group=group, met=_met_by(base, entry)))
    return again


def _met_by(base: Item, entry: Entry) -> Met | None:
    """The fact that a repeat was done by, while it stands."""
    return next((met for met in base.met_again if met.event == entry.fact), None)


def _moved(item: Item, entry: Entry, facts: BaseFacts) -> Item:
    if item.when_moved is WhenMoved.REPEAT:
        return _again(item, item.anchor.moved_by, item.due, item.anchor.known_at, Reason("repeated"))
    was = entry.anchor_on.isoformat() if entry.anchor_on else None
    # Moved twice within minutes: only the date that lasts is told, the other announcement is no longer asked for.
    known = facts.shift(item.anchor.known_at, facts.pack.time.settle)
    assert isinstance(known, datetime)  # an instant in, an instant out
    told = _again(item, item.anchor.moved_by, _soon(item, facts, known), known, Reason("announced"))
    params = {**item.params, "template": "moved", "moved_from": was, "moved_to": item.anchor.on.isoformat()}
    return replace(told, params=params)


def _again(item: Item, event: str, due: datetime, known: datetime, reason: Reason) -> Item:
    moved = shifted(item, due - item.due, reason)
    opens = due if item.is_message else max(min(due, moved.opens), known)
    return replace(
        moved,
        key=f"{item.key}~{event}",
        occurrence=f"{item.occurrence}~{event}",
        opens=opens,
        warn=moved.warn if moved.warn and moved.warn > opens else None,
        planned_due=max(due, item.planned_due),
        met=next((met for met in item.met_again if met.at >= known), None),
        group=f"{item.group}~{event}" if item.group else None,
    )


def shifted(item: Item, by: timedelta, reason: Reason) -> Item:
    """An item with its due and all that hangs on it moved; `planned_due` stays what the calendar said."""
    return replace(
        item,
        opens=item.opens + by,
        due=item.due + by,
        original_due=item.planned_due if item.planned_due != item.due + by else None,
        warn=item.warn + by if item.warn else None,
        escalate=item.escalate + by if item.escalate else None,
        expires=item.expires + by if item.expires else None,
        because=(*item.because, reason),
    )


def _soon(item: Item, facts: BaseFacts, known: datetime) -> datetime:
    """As soon as it makes sense: a text at the next allowed hour, a task by the end of its grace."""
    grace = facts.pack.time.grace
    if item.is_message:
        opens = facts.pack.messages.window(item.message_class)[0]
        return max(known, at(local_date(known, facts.zone), opens, facts.zone))  # quiet hours are the send's to keep
    ahead = facts.shift(known, grace)
    assert isinstance(ahead, datetime)  # an instant in, an instant out
    if grace.is_subday:
        return ahead
    return at(local_date(ahead, facts.zone), facts.pack.time.task_due, facts.zone)
