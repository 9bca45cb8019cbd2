"""From what waits in the store to paper: a print run with its files kept, and notices for buildings."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.adapters.evidence import PICTURES, EvidenceFolder, media_type
from journey.adapters.printing.fonts import STANDARD, FontError, find_font, typeface
from journey.adapters.printing.run import Printed, print_letters, print_poster
from journey.adapters.templates import MOST_ON_PAPER, TemplateError, render
from journey.domain.clocks import local, local_date
from journey.domain.errors import NotFound
from journey.domain.reasons import Reason
from journey.domain.stationery import (
    Cover,
    Letter,
    Letterhead,
    Missing,
    Poster,
    Recipient,
    dialled,
    read_text,
    split_postcode,
)
from journey.domain.values import Component, label
from journey.settings import Settings
from journey.store import letter_runs
from journey.store.engine import Store
from journey.store.ids import new_id, new_reference
from journey.store.letter_gathering import Due, Gathered, Wanted, gather
from journey.store.letter_runs import NewLetter, NewRun
from journey.store.shelf import Shelf, shelf_name
from journey.store.tables import entries, events, projects, tasks

__all__ = [
    "PICTURES", "STANDARD", "Asked", "EvidenceFolder", "Wanted", "letter_font", "media_type", "poster_of", "print_run",
]  # fmt: skip

SAMPLE = "业主交付通知书"  # characters that every letter needs
POSTER = "poster."  # what the names of texts for walls begin with
_COMPONENTS = frozenset(component.value for component in Component)


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks for a run, by which key, why letters are printed again, in which language the cover is."""

    actor: str
    key_id: str
    by: str | None = None
    reason: str | None = None
    language: str = "zh"


def letter_font(settings: Settings) -> str | None:
    """The name of the font that letters embed; None without one. FontError for one that cannot set Chinese."""
    path = find_font(settings.letter_font)
    if path is None:
        return None
    with typeface(path, [SAMPLE]) as face:
        if face.lacks(SAMPLE):
            raise FontError(f"字体 {path.name} 没有中文 / the font {path.name} has no Chinese")
        return face.label


async def print_run(
    store: Store, shelf: Shelf, settings: Settings, wanted: Wanted, asked: Asked, now: datetime
) -> dict[str, Any]:
    """Print every letter that waits, once; the run with its missing letters. `id` is None when there is none to print.

    Conflict when another run has taken one of them meanwhile: then nothing was printed.
    """
    found = await store.read(gather, wanted, shelf, now)
    letters, missing = _composed(found, settings, now)
    run = new_id("run")
    cover = _cover(run, found, wanted, asked, settings, missing, now)
    printed = await _printed([letter for letter, _ in letters], cover, settings, now)
    kept = {letter.reference for letter in printed.letters} if printed is not None else set()
    by_reference = {letter.reference: due for letter, due in letters}
    missing += [(due, "no-glyphs") for reference, due in by_reference.items() if reference not in kept]
    if printed is None or not kept:
        return _nothing(found, missing)
    files = await asyncio.to_thread(_keep, EvidenceFolder(settings.evidence_folder), printed)
    new = NewRun(
        id=run, project=found.project.id, batch=found.batch, rule=wanted.rule, actor=asked.by or asked.actor,
        reason=asked.reason, pages=printed.sheets, missing=_stored(missing), files=files, fonts=[printed.font],
        letters=[
            NewLetter(one.reference, by_reference[one.reference], first, pages)
            for one, (first, pages) in zip(printed.letters, printed.pages, strict=True)
        ],
    )  # fmt: skip
    await store.write(letter_runs.record_run, new, now, asked.key_id, asked.by)
    return await store.read(letter_runs.run_view, run, asked.language)


async def poster_of(store: Store, shelf: Shelf, settings: Settings, task: str, size: str, now: datetime) -> bytes:
    """The notice that a task wants on the wall; NotFound for a task that wants none."""
    poster = await store.read(_poster, shelf, settings, task, now)
    font = await asyncio.to_thread(find_font, settings.letter_font)
    return await asyncio.to_thread(print_poster, poster, now, font, size)


def _composed(
    found: Gathered, settings: Settings, now: datetime
) -> tuple[list[tuple[Letter, Due]], list[tuple[Due, str]]]:
    """The letters in words, and those that cannot be: no address, no text."""
    head, on = _head(found.project, settings), local_date(now, found.project.zone)
    letters: list[tuple[Letter, Due]] = []
    missing: list[tuple[Due, str]] = []
    for due in found.due:
        words = _words(due.template, due.variables, due.language)
        if not due.address:
            missing.append((due, "no-address"))
        elif words is None:
            missing.append((due, "no-words"))
        else:
            letters.append((_letter(due, words, head, on), due))
    return letters, missing


def _letter(due: Due, words: tuple[str, Sequence[str]], head: Letterhead, on: date) -> Letter:
    postcode, street = split_postcode(due.address or "")
    to = Recipient(due.name, street, postcode, due.phone)
    title, paragraphs = words
    return Letter(new_reference(), due.language, on, head, to, title, paragraphs, due.unit, due.item)


def _words(template: str | None, variables: Mapping[str, Any], language: str) -> tuple[str, Sequence[str]] | None:
    """Title and paragraphs of a text; None for one that is not there or fails."""
    if template is None:
        return None
    names = [label(Component(one), language) for one in variables.get("components") or () if one in _COMPONENTS]
    try:
        return read_text(render(template, {**variables, "components": names}, most=MOST_ON_PAPER))
    except TemplateError:
        return None


def _head(project: Any, settings: Settings) -> Letterhead:
    phone = dialled(settings.letter_phone)
    return Letterhead(project.name, project.city, settings.letter_sender, settings.letter_address, phone)


def _cover(
    run: str, found: Gathered, wanted: Wanted, asked: Asked, settings: Settings,
    missing: Sequence[tuple[Due, str]], now: datetime,
) -> Cover:  # fmt: skip
    batch = {"zh": "批次 {}", "en": "batch {}"}[asked.language].format(wanted.batch) if wanted.batch else None
    listed = [Missing(due.unit, due.name, due.item, reason) for due, reason in missing]
    printed = f"{local(now, found.project.zone):%Y-%m-%d %H:%M}"
    return Cover(run, _head(found.project, settings), batch or found.project.code, printed, asked.language, listed)


async def _printed(letters: Sequence[Letter], cover: Cover, settings: Settings, now: datetime) -> Printed | None:
    if not letters:
        return None
    font = await asyncio.to_thread(find_font, settings.letter_font)
    return await asyncio.to_thread(print_letters, letters, cover, now, font)


def _stored(missing: Sequence[tuple[Due, str]]) -> list[dict[str, str]]:
    return [{"journey": due.journey, "key": due.key, "person": due.person, "reason": reason} for due, reason in missing]


def _nothing(found: Gathered, missing: Sequence[tuple[Due, str]]) -> dict[str, Any]:
    """What a run answers that has nothing to print: no row, and the letters that are missing all the same."""
    rows = [
        {"journey": due.journey, "unit": due.unit, "item": due.rule, "title": due.item, "reason": reason}
        for due, reason in missing
    ]
    return {
        "id": None, "project": found.project.code, "letters": 0, "pages": 0, "missing": len(rows),
        "missing_letters": rows,
    }  # fmt: skip


def _keep(folder: EvidenceFolder, printed: Printed) -> dict[str, str]:
    return {"pdf": folder.keep(printed.pdf), "xlsx": folder.keep(printed.xlsx), "csv": folder.keep(printed.csv)}


def _poster(session: Session, shelf: Shelf, settings: Settings, task: str, now: datetime) -> Poster:
    row = session.execute(
        select(tasks.c.rule, tasks.c.opened_at, entries.c.item, projects)
        .join(projects, projects.c.id == tasks.c.project_id)
        .join(entries, (entries.c.scope_id == tasks.c.agenda_id) & (entries.c.key == tasks.c.key))
        .where(tasks.c.id == task)
    ).first()
    params = (row.item.get("params") or {}) if row is not None else {}
    if row is None or "building" not in params:
        raise NotFound(Reason("no-poster"))
    version = shelf.history(session, shelf_name(row.pack, row.overlays)).on(local_date(now, row.zone))
    language = version.pack.language
    text = shelf.template(version.hash, language, f"{POSTER}{row.rule}")
    words = _words(text, _on_the_wall(session, row, params), language)
    if words is None:
        raise NotFound(Reason("no-poster"))
    title, paragraphs = words
    on, head = local_date(row.opened_at, row.zone), _head(row, settings)
    return Poster(task, language, on, head, params["building"], title, paragraphs)


def _on_the_wall(session: Session, row: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """What a text for a wall may use."""
    told = session.execute(select(events.c.data).where(events.c.id == params.get("event"))).scalar() or {}
    return {
        "project": {"name": row.name},
        "building": params["building"],
        "components": params.get("components", ()),
        "handover_on": _day(params.get("handover_on")),
        "ends_on": _day(params.get("ends")),
        "notice_text": told.get("text"),
    }


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
