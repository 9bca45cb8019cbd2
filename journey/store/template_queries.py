"""What people are shown of templates: versions, who said what of them, what goes out, an owner to try one on."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import unified_diff
from types import SimpleNamespace
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from journey.domain.clocks import local_date
from journey.domain.errors import InvalidInput, NotFound, field_error
from journey.domain.packs import PackVersion
from journey.domain.reasons import Reason
from journey.domain.rules import title
from journey.domain.saying import MOVED
from journey.domain.values import label
from journey.domain.wording import LANGUAGES, ApprovalState, Party, base_of
from journey.store import approvals
from journey.store.broadcast_attempts import home_rows
from journey.store.masking import masked_name
from journey.store.outlines import left_document
from journey.store.queries import find_journey, shown
from journey.store.reserving import variables
from journey.store.shelf import Shelf
from journey.store.tables import entries, journeys, packs, parties, persons
from journey.store.texts import Active, Text, Withheld

_ON_PAPER: Final = {"letter": ("函件", "letter"), "poster": ("楼道告示", "posted notice")}
DEFAULT_PACK: Final = "cn-residential"


@dataclass(frozen=True, slots=True)
class Tried:
    """A home and its first owner, masked, as a template is given them; `found`: from an item that is on record."""

    pack_hash: str
    language: str
    variables: Mapping[str, Any]
    found: bool


def version_on(session: Session, shelf: Shelf, pack: str, now: datetime) -> PackVersion:
    """The version of a pack that holds now; NotFound when it was never published."""
    history = shelf.history(session, pack)
    return history.on(local_date(now, history.versions[-1].pack.zone))


def list_templates(session: Session, shelf: Shelf, pack: str, now: datetime, lang: str) -> list[dict[str, Any]]:
    """The templates of a pack, in the order of their names."""
    version = version_on(session, shelf, pack, now)
    return [_row(shelf, version.hash, template, lang) for template in shelf.texts.names(version.hash)]


def template_view(session: Session, shelf: Shelf, template: str, pack: str, now: datetime, lang: str) -> dict[str, Any]:
    """One template with the versions of its texts and everything that was said of them; NotFound."""
    version = version_on(session, shelf, pack, now)
    must_exist(shelf, version.hash, template)
    zone = version.pack.zone
    since = _published(session, shelf, pack)
    texts = [_text(one, since, zone) for one in texts_of(shelf, version.hash, template)]
    said = [_said(row, zone, lang) for row in approvals.history(session, base_of(template))]
    return {**_row(shelf, version.hash, template, lang), "texts": texts, "history": said}


def texts_of(shelf: Shelf, pack_hash: str, template: str) -> Iterator[Text]:
    """Every version of the texts of a template and its variants, each text once, the newest first."""
    names = [name for name in shelf.texts.names(pack_hash, variants=True) if template in (name, base_of(name))]
    for name in names:
        for language in LANGUAGES:
            seen: set[str] = set()
            versions = list(shelf.texts.versions(pack_hash, language, name))
            for place, text in enumerate(versions):
                if text.language == language and text.hash not in seen:
                    seen.add(text.hash)
                    # since when: the earliest version of the pack that has it
                    yield [one for one in versions[place:] if one.hash == text.hash][-1]


def named_version(shelf: Shelf, pack_hash: str, template: str, language: str, version: str | None) -> Text:
    """A version by the beginning of its hash, the newest without one; NotFound, InvalidInput when several begin so."""
    must_exist(shelf, pack_hash, template)
    there = [
        one for one in texts_of(shelf, pack_hash, template) if (one.template, one.language) == (template, language)
    ]
    fitting = [one for one in there if one.hash.startswith(version)] if version else there[:1]
    if not fitting:
        raise NotFound(Reason("no-such-version"))
    if len(fitting) > 1:
        known = ", ".join(one.hash[:12] for one in fitting)
        raise InvalidInput((field_error("version", "ambiguous", known=known),))
    return fitting[0]


def difference(before: Text, after: Text) -> list[str]:
    """The lines of a unified diff between two versions, subjects first."""
    old, new = ([*([one.subject] if one.subject else []), *one.text.splitlines()] for one in (before, after))
    return list(unified_diff(old, new, before.hash[:12], after.hash[:12], lineterm=""))


def must_exist(shelf: Shelf, pack_hash: str, template: str) -> None:
    """NotFound for a template, or a variant, that the pack does not have."""
    if template not in shelf.texts.names(pack_hash, variants=True):
        raise NotFound(Reason("no-such-template"))


def try_on(session: Session, shelf: Shelf, name: str, template: str, now: datetime, language: str | None) -> Tried:
    """The first owner of a home with what the item of a template says, masked; NotFound."""
    journey = find_journey(session, name)
    home = home_rows(session, [journey])[journey]
    pack = "+".join([home.pack, *home.overlays])
    version = version_on(session, shelf, pack, now)
    must_exist(shelf, version.hash, template)
    who = _first_owner(session, journey)
    item = _item(session, journey, base_of(template))
    masked = SimpleNamespace(
        name=masked_name(who.name) if who else "", language=language or (who and who.language) or "zh"
    )
    said = variables(home, masked, item["params"] if item else {}, now)
    return Tried(version.hash, masked.language, said, item is not None)


def _first_owner(session: Session, journey: str) -> Any:
    return session.execute(
        select(persons.c.name, persons.c.language)
        .join(parties, parties.c.person_id == persons.c.id)
        .join(journeys, journeys.c.episode_id == parties.c.episode_id)
        .where(journeys.c.id == journey)
        .order_by(parties.c.position)
        .limit(1)
    ).first()


def _item(session: Session, journey: str, template: str) -> Mapping[str, Any] | None:
    """An item of the home that this text is for: one ahead, else the last that was touched."""
    for item in left_document(session, journey).get("items", ()):
        if item["params"].get("template", item["rule"]) == template:
            return dict(item)
    touched = session.execute(
        select(entries.c.item)
        .where(entries.c.scope_id == journey, entries.c.key.startswith(f"{template}/", autoescape=True))
        .order_by(entries.c.at.desc())
        .limit(1)
    ).scalar()
    return dict(touched) if touched else None


def _title(template: str, lang: str) -> str:
    """What people call a template: its rule, on paper where it is a letter's or a notice's words."""
    for form, (zh, en) in _ON_PAPER.items():
        if template.startswith(f"{form}."):
            rule = title(template.removeprefix(f"{form}."), lang)
            return f"{zh}:{rule}" if lang == "zh" else f"{en}: {rule}"
    return ("改期通知" if lang == "zh" else "moved date") if template == MOVED else title(template, lang)


def _row(shelf: Shelf, pack_hash: str, template: str, lang: str) -> dict[str, Any]:
    spec = shelf.texts.spec(pack_hash, template)
    variants = [name for name in shelf.texts.names(pack_hash, variants=True) if base_of(name) == template != name]
    return {
        "id": template,
        "label": spec.label.said(lang) if spec.label else _title(base_of(template), lang),
        "class": spec.class_,
        "approvals": [party.value for party in spec.approvals],
        "providers": sorted(spec.providers),
        "variants": variants,
        "languages": {language: _standing(shelf, pack_hash, language, template) for language in LANGUAGES},
    }


def _standing(shelf: Shelf, pack_hash: str, language: str, template: str) -> dict[str, Any]:
    """`active`: the newest text goes out; `waiting`: an older one does meanwhile; `withheld`: none may."""
    newest = shelf.texts.find(pack_hash, language, template)
    decided = shelf.texts.active(pack_hash, language, template, "", None)
    match decided:
        case Active(text=text):
            state = "active" if newest is not None and text.hash == newest.hash else "waiting"
            return {"state": state, "version": newest.hash if newest else None, "active": text.hash}
        case Withheld(lacks=lacks):
            return {
                "state": "withheld",
                "version": newest.hash if newest else None,
                "active": None,
                "lacks": dict(lacks),
            }
        case None:
            return {"state": "missing", "version": None, "active": None}


def _published(session: Session, shelf: Shelf, pack: str) -> dict[str, tuple[PackVersion, datetime]]:
    """The versions of a pack by hash, with the instant at which each was published."""
    rows = session.execute(select(packs.c.hash, packs.c.published_at).where(packs.c.name == pack))
    instants = {row.hash: row.published_at for row in rows}
    return {one.hash: (one, instants[one.hash]) for one in shelf.history(session, pack).versions}


def _text(text: Text, since: Mapping[str, tuple[PackVersion, datetime]], zone: str) -> dict[str, Any]:
    born, published_at = since[text.pack]
    return {
        "template": text.template,
        "language": text.language,
        "version": text.hash,
        "text": text.text,
        "subject": text.subject or None,
        "since": shown(published_at, zone),
        "pack_version": born.pack.version,
        "effective_from": born.pack.effective_from.isoformat(),
    }


def _said(row: Any, zone: str, lang: str) -> dict[str, Any]:
    party = row.party
    return {
        "template": row.template,
        "language": row.language,
        "version": row.text_hash,
        "party": party,
        "party_label": label(Party(party), lang) if party in frozenset(Party) else party,
        "state": row.state,
        "state_label": label(ApprovalState(row.state), lang),
        "by": row.by,
        "at": shown(row.at, zone),
        "reason": row.reason,
        "sign": row.sign or None,
        "code": row.code or None,
        "params": row.params or None,
    }
