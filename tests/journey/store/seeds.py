"""A small project for tests of reading: two homes, owners, tasks, messages, a ledger and an agenda."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from journey.store import tables as t

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)  # 12:00 in China
WELCOME = "signing.keeper-welcome/ep_1/once"
CALLBACK = "signing.service-callback/ep_1/once"
FILING = "signing.filing/ep_1/once"


def item(key: str, kind: str, due: datetime, **changes: Any) -> dict[str, Any]:
    """An item as agenda and ledger keep it."""
    rule, subject, occurrence = key.split("/")
    return {
        "key": key,
        "rule": rule,
        "subject": subject,
        "occurrence": occurrence,
        "kind": kind,
        "class": "contract",
        "role": None if kind == "message" else "keeper",
        "requirement": ["A313"],
        "due": due.isoformat(),
        "original_due": None,
        "legal_due": None,
        "because": [],
        "params": {},
    } | changes


def seed(session: Session) -> None:
    """Project XN with journeys jrn_1 (home 3-1-1202, 张伟) and jrn_2 (home 3-1-1203), started an hour later."""
    project = {"id": "prj_1", "code": "XN", "name": "香年", "city": "成都", "pack": "cn-residential", "overlays": []}
    _add(session, t.projects, project | {"zone": "Asia/Shanghai", "posts": {}, "created_at": NOON})
    for number, code in ((1, "3-1-1202"), (2, "3-1-1203")):
        _home(session, number, code)
    _add(session, t.persons, person("psn_1", "zw", "张伟"))
    phone = {"person_id": "psn_1", "channel": "phone", "address": "+8613800138000", "state": "ok", "since": NOON}
    _add(session, t.contacts, phone)
    _add(session, t.parties, {"episode_id": "ep_1", "person_id": "psn_1", "position": 0})
    _add(session, t.persons, person("psn_2", "lf", "李芳"))
    _add(session, t.parties, {"episode_id": "ep_1", "person_id": "psn_2", "position": 1})


def seed_work(session: Session) -> None:
    """What happened to jrn_1: a welcome was sent, a callback is open and escalated, the filing is planned again."""
    seed(session)
    _entry(session, WELCOME, "sent", item(WELCOME, "message", NOON))
    steps = [{"at": (NOON + timedelta(days=2)).isoformat(), "step": "warned", "to": "keeper"}]
    _entry(session, CALLBACK, "escalated", item(CALLBACK, "call", NOON), steps=steps, task="tsk_1")
    _entry(session, FILING, "suppressed", item(FILING, "task", NOON), reason={"code": "muted", "params": {}})
    because = [{"code": "pulled-before-holiday", "params": {"was": "2026-03-08"}}]
    planned = [
        item(CALLBACK, "call", NOON + timedelta(days=3)),
        item(FILING, "task", NOON + timedelta(days=9), because=because),
    ]
    document = {"items": planned, "planned": [FILING]}
    _add(session, t.agenda, {"scope": "journey", "scope_id": "jrn_1", "document": document, "hash": "h"})
    _task(session, "tsk_1", "escalated", NOON + timedelta(days=3))
    _task(session, "tsk_2", "done", NOON + timedelta(days=1))
    _message(session, 1)
    for number, (code, ref, params) in enumerate(_LINES):
        at = NOON + timedelta(hours=number)
        _add(session, t.journal, {"journey_id": "jrn_1", "at": at, "code": code, "ref": ref, "params": params})
    cover = {"unit_id": "unt_1", "journey_id": "jrn_1", "owner_starts": date(2026, 6, 27)}
    ends = {"owner_ends": date(2031, 6, 27), "contractor_ends": date(2031, 4, 28)}
    _add(session, t.warranty_items, cover | ends | {"component": "wet-room", "position": 2})
    unknown = {"owner_ends": None, "contractor_ends": None}
    _add(session, t.warranty_items, cover | unknown | {"component": "structure", "position": 0})


def person(person_id: str, ref: str, name: str) -> dict[str, Any]:
    """A person's row."""
    return {"id": person_id, "ref": ref, "name": name, "language": "zh", "tags": [], "created_at": NOON}


_LINES: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("event.contract.signed", "evt_1", {"type": "contract.signed", "verdict": "applied"}),
    ("entry.sent", WELCOME, {}),
    ("task.opened", "tsk_1", {}),
    ("entry.suppressed", FILING, {"reason": "muted"}),
)


def _home(session: Session, number: int, code: str) -> None:
    unit = {"id": f"unt_{number}", "project_id": "prj_1", "code": code, "building": "3"}
    _add(session, t.units, unit)
    episode = {"id": f"ep_{number}", "unit_id": f"unt_{number}", "kind": "purchase", "created_at": NOON}
    _add(session, t.episodes, episode)
    _add(
        session,
        t.journeys,
        {
            "id": f"jrn_{number}",
            "project_id": "prj_1",
            "unit_id": f"unt_{number}",
            "episode_id": f"ep_{number}",
            "external_id": f"CRM_{number}",
            "pack": "cn-residential",
            "overlays": [],
            "stage": "signing" if number == 1 else "prospect",
            "status": "active",
            "started_at": NOON + timedelta(hours=number),
            "next_due": NOON + timedelta(days=3) if number == 1 else None,
        },
    )


def _entry(session: Session, key: str, state: str, document: dict[str, Any], **changes: Any) -> None:
    row = {"scope": "journey", "scope_id": "jrn_1", "key": key, "state": state, "at": NOON, "due": NOON, "steps": []}
    _add(session, t.entries, row | {"item": document} | changes)


def _task(session: Session, task_id: str, state: str, due: datetime) -> None:
    row = {"id": task_id, "journey_id": "jrn_1", "project_id": "prj_1", "key": CALLBACK, "kind": "call"}
    row |= {"rule": "signing.service-callback", "role": "keeper", "state": state}
    _add(session, t.tasks, row | {"opened_at": NOON, "due": due})


def _message(session: Session, number: int) -> None:
    row = {"id": f"msg_{number}", "journey_id": "jrn_1", "entry_key": WELCOME, "key": f"{WELCOME}/psn_1"}
    row |= {"person_id": "psn_1", "channel": "sms", "message_class": "contract", "template": "keeper-welcome"}
    _add(session, t.messages, row | {"language": "zh", "state": "sent", "reserved_at": NOON, "updated_at": NOON})


def _add(session: Session, table: Table, row: dict[str, Any]) -> None:
    session.execute(insert(table).values(**row))
