"""Rows of a store at revision 0003: a home whose first owner left, and what stands around it.

They name no table or column of today, so that they stay what was written then.
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from journey.store.types import Json, UtcDateTime

NOON = datetime(2026, 3, 1, 4, tzinfo=UTC)  # 12:00 in China
LEFT = NOON + timedelta(days=100)
CAME = NOON + timedelta(days=120)


def _journey(number: int, unit: str | None, status: str, started: datetime, planned: datetime | None) -> dict[str, Any]:
    return {
        "id": f"jrn_{number}", "project_id": "prj_1", "unit_id": unit, "episode_id": f"epi_{number}",
        "pack": "cn-residential", "overlays": [], "stage": "signing", "status": status, "started_at": started,
        "planned_at": planned, "overdue": 0, "stale_mark": 0, "over": status == "cancelled", "revision": 4, "pokes": 0,
        "rules": 61,
    }  # fmt: skip


# Each table by its first column.
ROWS: dict[str, list[dict[str, Any]]] = {
    "projects": [
        {
            "id": "prj_1", "code": "XN", "name": "香年", "city": "成都", "pack": "cn-residential", "overlays": ["sc"],
            "zone": "Asia/Shanghai", "posts": {"keeper": ["k1"]}, "created_at": NOON,
        }
    ],
    "batches": [
        {
            "id": "bat_1", "project_id": "prj_1", "code": "B1", "buildings": ["3"],
            "dates": {"handover": "2026-09-30"},
        }
    ],
    "units": [
        {"id": "unt_1", "project_id": "prj_1", "code": "3-1-1202", "building": "3", "batch_id": "bat_1"},
        {"id": "unt_2", "project_id": "prj_1", "code": "5-1-101", "building": "5", "batch_id": None},
    ],
    "episodes": [
        {"id": "epi_1", "unit_id": "unt_1", "kind": "purchase", "created_at": NOON},
        {"id": "epi_2", "unit_id": "unt_1", "kind": "purchase", "created_at": CAME},
        {"id": "epi_3", "unit_id": None, "kind": "purchase", "created_at": NOON},
        {"id": "epi_4", "unit_id": "unt_2", "kind": "purchase", "created_at": NOON},
    ],
    "journeys": [
        _journey(1, "unt_1", "cancelled", NOON, LEFT),
        _journey(2, "unt_1", "active", CAME, CAME),
        _journey(3, None, "active", NOON, NOON),
        _journey(4, "unt_2", "lost", NOON, None),
    ],
    "persons": [
        {"id": "psn_1", "ref": "zw", "name": "张伟", "birthday": date(1980, 5, 1), "language": "zh", "tags": ["vip"],
         "created_at": NOON},
        {"id": "psn_2", "ref": "lf", "name": "李芳", "birthday": None, "language": "zh", "tags": [],
         "created_at": CAME},
    ],
    "parties": [
        {"episode_id": "epi_1", "person_id": "psn_1", "position": 0},
        {"episode_id": "epi_2", "person_id": "psn_2", "position": 0},
    ],
    "events": [
        {
            "id": "evt_1", "target": "jrn_2", "journey_id": "jrn_2", "source": "crm", "source_id": "1",
            "type": "contract.signed", "occurred_at": CAME, "recorded_at": CAME, "data": {"on": "2026-06-29"},
            "digest": "d" * 64, "verdict": "applied",
        }
    ],
    "journal": [
        {"journey_id": "jrn_2", "at": CAME, "code": "event.contract.signed", "ref": "evt_1", "params": {"by": "crm"}}
    ],
    "agenda": [
        {"scope": "journey", "scope_id": "jrn_2", "document": {"items": [], "planned": []}, "hash": "a" * 64},
    ],
    "tasks": [
        {
            "id": "tsk_1", "journey_id": "jrn_2", "project_id": "prj_1", "key": "signing.filing/epi_2/once",
            "rule": "signing.filing", "kind": "task", "role": "signing", "state": "open", "opened_at": CAME,
            "due": CAME + timedelta(days=30), "attempts": 0, "max_attempts": 1,
        }
    ],
    "messages": [
        {
            "id": "msg_1", "journey_id": "jrn_2", "entry_key": "signing.keeper-welcome/epi_2/once",
            "key": "signing.keeper-welcome/epi_2/once/psn_2", "person_id": "psn_2", "channel": "sms",
            "message_class": "contract", "template": "signing.keeper-welcome", "language": "zh", "state": "sent",
            "calls": 1, "reserved_at": CAME, "sent_at": CAME, "updated_at": CAME,
        }
    ],
}  # fmt: skip


def insert_rows(connection: sa.Connection) -> None:
    """Write all of them."""
    for name, rows in ROWS.items():
        connection.execute(sa.insert(_table(name, rows[0])), rows)


def read_rows(connection: sa.Connection) -> dict[str, list[dict[str, Any]]]:
    """All rows that the tables have now, in the columns of then and the order of `ROWS`."""
    found = {}
    for name, rows in ROWS.items():
        table, first = _table(name, rows[0]), next(iter(rows[0]))
        found[name] = [dict(row) for row in connection.execute(sa.select(table).order_by(table.c[first])).mappings()]
    return found


def _table(name: str, row: dict[str, Any]) -> sa.TableClause:
    return sa.table(name, *(sa.column(column, _type(column, value)) for column, value in row.items()))


def _type(column: str, value: Any) -> sa.types.TypeEngine[Any] | None:
    if isinstance(value, datetime) or column.endswith("_at"):
        return UtcDateTime()
    if isinstance(value, date):
        return sa.Date()
    return Json() if isinstance(value, dict | list) else None
