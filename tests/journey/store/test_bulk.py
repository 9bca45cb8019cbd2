"""Many rows in one statement, on both engines."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Column, Integer, MetaData, String, Table, select
from sqlalchemy.orm import Session

from journey.store.bulk import among, insert_all, update_all
from journey.store.engine import Store
from journey.store.types import Document, Json, UtcDateTime

NOON = datetime(2026, 6, 1, 4, 0, 0, 123456, tzinfo=UTC)
ROOMS = Table(
    "test_rooms",
    MetaData(),
    Column("house", String(10), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", UtcDateTime),
    Column("note", Json),
    Column("page", Document),
    Column("kept", JSON),
)


def room(number: int, **other: Any) -> dict[str, Any]:
    row = {"house": "甲", "number": number, "at": NOON + timedelta(days=number), "note": None, "page": {"页": [number]}}
    return row | {"kept": 'q"\\'} | other


def all_rooms(session: Session) -> list[dict[str, Any]]:
    return [dict(row._mapping) for row in session.execute(select(ROOMS).order_by(ROOMS.c.number))]


async def test_rows_come_back_as_they_were_put_in(store: Store) -> None:
    rows = [room(1), room(2, note={"a": [1, None, "二"]}), room(3, at=None, page=None)]

    def work(session: Session) -> list[dict[str, Any]]:
        ROOMS.create(session.connection())
        insert_all(session, ROOMS, rows)
        return all_rooms(session)

    assert await store.write(work) == rows


async def test_a_change_of_many_changes_each_by_its_own_keys_and_nothing_else(store: Store) -> None:
    def work(session: Session) -> list[dict[str, Any]]:
        ROOMS.create(session.connection())
        insert_all(session, ROOMS, [room(1), room(2), room(3)])
        changes = [
            {"house": "甲", "number": 1, "note": ["x"], "at": None},
            {"house": "甲", "number": 3, "note": None, "at": NOON},
            {"house": "乙", "number": 2, "note": ["y"], "at": NOON},
        ]
        update_all(session, ROOMS, ("house", "number"), changes)
        return all_rooms(session)

    assert await store.write(work) == [room(1, note=["x"], at=None), room(2), room(3, at=NOON)]


async def test_no_rows_are_no_statement(store: Store) -> None:
    def work(session: Session) -> list[int]:
        ROOMS.create(session.connection())
        insert_all(session, ROOMS, [])
        update_all(session, ROOMS, ("number",), [])
        insert_all(session, ROOMS, [room(1), room(2)])
        asked = [among(session, ROOMS.c.number, wanted) for wanted in ([], {2}, [1, 2, 9])]
        return [len(session.execute(select(ROOMS.c.number).where(one)).all()) for one in asked]

    assert await store.write(work) == [0, 1, 2]
