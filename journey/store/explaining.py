"""Everything on record about one item, read for an explanation; and the nearest items for a name that nobody asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.actions import PLANNED, Named, Standing, find
from journey.domain.clocks import local_date
from journey.domain.decided import stands_open
from journey.domain.entries import RUNNING, State
from journey.domain.errors import NotFound
from journey.domain.events import Event
from journey.domain.explaining import PARTS, Known, Line, Numbers, worded
from journey.domain.explanations import SECTIONS
from journey.domain.facts import Facts
from journey.domain.opinions import judged_of
from journey.domain.packs import PackVersion
from journey.domain.record import Hold
from journey.domain.results import RESULTS
from journey.domain.rule_descriptions import described
from journey.domain.rule_numbers import numbers_read
from journey.domain.rules import RULES, Rule
from journey.domain.telling import LOADED, is_by_operator, title
from journey.store.entry_queries import entries_view, lines_about
from journey.store.outlines import left_document
from journey.store.queries import find_journey, shown
from journey.store.reading import Reading, journey_row, read_journey
from journey.store.shelf import Shelf
from journey.store.standings import read_standings
from journey.store.tables import entries, journal, messages, tasks

_STATES: Final = (PLANNED, *(state.value for state in State))
_NEAREST: Final = 5
_RULES: Final = LOADED  # importing the stages registers the rules
_PUT_OFF: Final = ("entry.held", "entry.suppressed", "entry.failing")


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows about one item: its entry (None while it is only planned), tasks and messages."""

    entry: Any
    tasks: Sequence[Any]
    messages: Sequence[Any]


def explain_item(
    session: Session,
    name: str,
    item: str,
    now: datetime,
    lang: str = "zh",
    *,
    shelf: Shelf,
    occurrence: str | None = None,
) -> dict[str, Any]:
    """Why an item of a journey is as it is; `asked` is false for one that no rule ever asked for, with the nearest.

    `item` is a key, or a rule with the occurrence where there are several. NotFound for an unknown journey,
    InvalidInput that names the keys when several fit.
    """
    journey_id = find_journey(session, name)
    standings = read_standings(session, journey_id)
    try:
        standing = find(standings, Named(item=item, occurrence=occurrence), _STATES)
    except NotFound:
        return _never_asked(item, standings, lang)
    row = journey_row(session, journey_id)
    assert row is not None  # it was found
    reading = read_journey(session, row, shelf)
    rows = _rows(session, journey_id, standing.key)
    known = _known(session, reading, standing, rows, max(now, row.planned_at or now), lang)
    return _document(session, journey_id, known, rows, lang)


def _never_asked(item: str, standings: Mapping[str, Standing], lang: str) -> dict[str, Any]:
    rule = RULES.get(item.split("/", 1)[0])
    nearest = get_close_matches(item, list(standings), _NEAREST, 0.3)
    lines = [Line("never-asked", {"key": item})]
    if rule is None:
        lines.append(Line("rule-unknown", {"rule": item.split("/", 1)[0]}))
    else:
        lines.append(Line("rule-asks-nothing", {"title": title(rule.id, lang)}))
        lines.append(Line("rule-says", {"summary": described(rule.id, rule.summary, lang)}))
    if nearest:
        lines.append(Line("nearest", {"keys": ", ".join(nearest)}))
    section = {"name": "why", "title": SECTIONS["why"][lang != "zh"], "lines": [worded(line, lang) for line in lines]}
    return {"asked": False, "key": item, "item": item.split("/", 1)[0], "nearest": nearest, "sections": [section]}


def _document(session: Session, journey_id: str, known: Known, rows: _Rows, lang: str) -> dict[str, Any]:
    entry = next(each for each in entries_view(session, journey_id, lang) if each["key"] == known.key)
    told = {**{name: list(part(known)) for name, part in PARTS.items()}, "happened": []}
    refs = {
        known.key,
        *(row.id for row in (*rows.tasks, *rows.messages)),
        *(e.id for e in (*known.decisions, *known.results)),
    }
    happened = lines_about(session, journey_id, refs, lang)
    sections = [
        {"name": name, "title": words[lang != "zh"], "lines": [worded(line, lang, known.zone) for line in told[name]]}
        for name, words in SECTIONS.items()
    ]
    for section in sections:
        if section["name"] == "happened":
            section["lines"] = [
                {"code": line["code"], "params": line["params"], "text": line["text"], "at": line["at"]}
                for line in happened
            ]
    return {
        "asked": True,
        "key": known.key,
        "item": known.rule.id if known.rule else known.key.split("/", 1)[0],
        "title": entry["title"],
        "occurrence": entry["occurrence"],
        "outcome": entry["outcome"],
        "state": known.state,
        "due": entry["due"],
        "at": entry["at"],
        "now": shown(known.now, known.zone),
        "requirement": entry["requirement"],
        "numbers": dict(known.numbers.values) if known.numbers else {},
        "pack": known.numbers.hash if known.numbers else None,
        "calendar": known.numbers.calendar_hash if known.numbers else None,
        "nearest": [],
        "sections": sections,
    }


def _rows(session: Session, journey_id: str, key: str) -> _Rows:
    here = entries.c.scope_id == journey_id
    entry = session.execute(select(entries).where(entries.c.scope == "journey", here, entries.c.key == key)).first()
    about = select(tasks).where(tasks.c.journey_id == journey_id, tasks.c.key == key).order_by(tasks.c.opened_at)
    sent = select(messages).where(messages.c.journey_id == journey_id, messages.c.entry_key == key)
    return _Rows(
        entry, session.execute(about).all(), session.execute(sent.order_by(messages.c.reserved_at, messages.c.id)).all()
    )


def _known(session: Session, reading: Reading, standing: Standing, rows: _Rows, now: datetime, lang: str) -> Known:
    row, record, entry = reading.row, reading.record, rows.entry
    item = _item(session, standing, entry, record.journey)
    facts = _facts(reading, now)
    rule = RULES.get(str(item.get("rule", standing.rule)))
    hashes = (entry.pack_hash, entry.calendar_hash) if entry is not None else (None, None)
    tasks_of = {each.id for each in rows.tasks}
    effective = [event for event in facts.judged.live if event.id]
    last = rows.tasks[-1] if rows.tasks else None
    touched = entry if standing.state != PLANNED else None
    return Known(
        key=standing.key,
        item=item,
        state=standing.state,
        zone=row.zone,
        now=now,
        rule=rule,
        lang=lang,
        numbers=_numbers(rule, facts, reading, hashes),
        at=touched.at if touched is not None else None,
        reason=touched.reason if touched is not None else None,
        until=touched.until if touched is not None else None,
        fact=touched.fact if touched is not None else None,
        task=last.id if last is not None else None,
        claimed_by=last.claimed_by if last is not None else None,
        attempts=touched.attempts if touched is not None else 0,
        next_attempt=touched.next_attempt if touched is not None else None,
        events={event.id: event for event in effective},
        decisions=[event for event in effective if _decides(event, standing, tasks_of)],
        results=[event for event in effective if event.type in RESULTS and _reports(event, standing, tasks_of)],
        holds=[hold for hold in record.holds if _held(hold, item, standing, now)],
        sends=[{"channel": m.channel, "state": m.state, "at": m.sent_at or m.updated_at} for m in rows.messages],
        looked=_looked(session, reading.record.journey, standing.key, rows.messages),
        waits=_waits(session, reading.record.journey, standing.key),
    )


def _item(session: Session, standing: Standing, entry: Any, journey_id: str) -> Mapping[str, Any]:
    """The item as the agenda has it while it is ahead or runs, else as it was when it was last touched."""
    stored: Mapping[str, Any] = entry.item if entry is not None else {}
    if standing.state not in (PLANNED, State.HELD, *RUNNING):
        return stored
    ahead = {each["key"]: each for each in left_document(session, journey_id).get("items", ())}
    return {**stored, **ahead.get(standing.key, {})}


def _facts(reading: Reading, now: datetime) -> Facts:
    record = reading.record
    judged = judged_of(record, record.events, now)
    return Facts(record, judged, record.packs.on(local_date(now, record.zone)).pack, now)


def _numbers(
    rule: Rule | None, facts: Facts, reading: Reading, hashes: tuple[str | None, str | None]
) -> Numbers | None:
    """The version that decided, or that decides now; a rule that pins its version keeps to the pinned day's."""
    if rule is None:
        return None
    packs = facts.record.packs
    pinned = rule.pin(facts) if rule.pin else None
    decided = next((version for version in packs.versions if version.hash == hashes[0]), None)
    version: PackVersion = packs.on(pinned or facts.today) if pinned or decided is None else decided
    section = getattr(version.pack, rule.section)
    return Numbers(
        pack=version.pack.pack,
        version=version.pack.version,
        effective=version.pack.effective_from.isoformat(),
        hash=version.hash,
        country=reading.country,
        calendar_hash=hashes[1] or facts.calendar.content_hash,
        values=numbers_read(rule, section) if section is not None else {},
        pinned=pinned.isoformat() if pinned else None,
    )


def _decides(event: Event, standing: Standing, tasks_of: set[str]) -> bool:
    """An operator's event about the item, its task, or (a redo) the item that it repeats."""
    if not is_by_operator(event.type):
        return False
    key = event.data.get("key")
    return key in (standing.key, standing.base) or event.data.get("task") in tasks_of


def _reports(event: Event, standing: Standing, tasks_of: set[str]) -> bool:
    about = event.about or {}
    task = about.get("task") or event.data.get("task")
    if task is not None:
        return task in tasks_of
    occurrence = standing.key.split("/", 2)[-1]
    return about.get("item") == standing.rule and about.get("occurrence") in (None, occurrence)


def _held(hold: Hold, item: Mapping[str, Any], standing: Standing, now: datetime) -> bool:
    """A mute or pause that spoke of the item between its opening and its end."""
    if not hold.concerns(message_class=str(item.get("class")), rule=standing.rule, key=standing.key):
        return False
    opens = datetime.fromisoformat(item["opens"]) if item.get("opens") else hold.placed_at
    return stands_open(hold) or (hold.released_at is not None and hold.released_at >= opens and hold.placed_at <= now)


def _looked(session: Session, journey_id: str, key: str, sent: Sequence[Any]) -> list[Mapping[str, Any]]:
    """The records of decisions: those that kept it back stand in the timeline, those that let it go with the message.

    Of decisions that said the same one after the other, the last one tells enough.
    """
    lines = session.execute(
        select(journal.c.params)
        .where(journal.c.journey_id == journey_id, journal.c.ref == key, journal.c.code.startswith("entry."))
        .order_by(journal.c.seq)
    ).scalars()
    kept: list[Mapping[str, Any]] = [params["decision"] for params in lines if params.get("decision")]
    found = sorted([*kept, *(row.decision for row in sent if row.decision)], key=lambda record: str(record.get("at")))
    following = [*found[1:], None]
    return [
        one for one, after in zip(found, following, strict=False) if after is None or _verdict(one) != _verdict(after)
    ]


def _verdict(record: Mapping[str, Any]) -> tuple[Any, Any]:
    return record.get("outcome"), (record.get("reason") or {}).get("code")


def _waits(session: Session, journey_id: str, key: str) -> list[dict[str, Any]]:
    query = (
        select(journal.c.at, journal.c.code, journal.c.params)
        .where(journal.c.journey_id == journey_id, journal.c.ref == key, journal.c.code.in_(_PUT_OFF))
        .order_by(journal.c.seq)
    )
    return [
        {"at": row.at, "code": row.code, "reason": _reason(row.params.get("reason"))} for row in session.execute(query)
    ]


def _reason(stored: Any) -> Mapping[str, Any] | None:
    """A reason is journaled as its code alone, or with parameters."""
    return {"code": stored, "params": {}} if isinstance(stored, str) else stored
