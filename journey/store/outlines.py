"""The agenda that the last plan left: whole, or in outline for the next plan."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select, type_coerce
from sqlalchemy.orm import Session

from journey.domain.agendas import kind_of
from journey.store.agenda_documents import kept_item
from journey.store.tables import agenda
from journey.store.types import Document

_OF_AGENDA = (agenda.c.scope == bindparam("in_scope"), agenda.c.scope_id == bindparam("of"))
_LEFT = select(agenda.c.outline, agenda.c.hash).where(*_OF_AGENDA)
_DOCUMENT = select(agenda.c.document).where(*_OF_AGENDA)
_KEPT = select(type_coerce(agenda.c.document, Document)).where(*_OF_AGENDA)


def left_document(session: Session, agenda_id: str) -> Mapping[str, Any]:
    """The whole agenda as the last plan left it; empty before the first."""
    return session.execute(_DOCUMENT, _place(agenda_id)).scalar() or {}


def left_item(session: Session, agenda_id: str, key: str) -> tuple[Mapping[str, Any] | None, bool]:
    """One item as the last plan left it, None when it is not on the agenda; and whether it is planned."""
    return kept_item(session.execute(_KEPT, _place(agenda_id)).scalar() or {}, key)


def read_outline(session: Session, agenda_id: str) -> tuple[str | None, Mapping[str, Any]]:
    """The hash of the last agenda, None before the first, and its outline: what the next plan reads of it.

    Parsing the whole would cost more than the rest of the reading.
    """
    left = session.execute(_LEFT, _place(agenda_id)).first()
    if left is None:
        return None, {"planned": {}, "covers": []}
    return left.hash, outline_of(session, agenda_id, left.outline)


def outline_of(session: Session, agenda_id: str, stored: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The stored outline of an agenda, or for one that an older build wrote without it what its document says."""
    if stored is not None:
        return stored
    document = left_document(session, agenda_id)
    planned = set(document.get("planned", ()))
    ahead = {item["key"]: item["due"] for item in document.get("items", ()) if item["key"] in planned}
    return {"planned": ahead, "covers": document.get("covers", [])}


def _place(agenda_id: str) -> dict[str, str]:
    return {"in_scope": kind_of(agenda_id).value, "of": agenda_id}
