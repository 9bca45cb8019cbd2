"""Many rows in one statement: PostgreSQL takes a page as one document, SQLite row after row.

A statement for each row costs PostgreSQL and its driver several times what the row costs, and a list of parameters as
long as the page is another statement for every length.
"""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Insert,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session

from journey.store.types import dumps

Rows = Sequence[Mapping[str, Any]]


def insert_all(session: Session, table: Table, rows: Rows) -> None:
    """Insert rows that name the same columns; nothing for none."""
    if not rows:
        return
    if _is_postgres(session):
        session.execute(_insertion(table, tuple(rows[0])), _document(rows))
    else:
        session.execute(insert(table), rows)


def update_all(session: Session, table: Table, keys: Sequence[str], rows: Rows) -> None:
    """Set in each row of the table that has a row's `keys` what else the row names; all name the same columns."""
    if not rows:
        return
    names = tuple(name for name in rows[0] if name not in keys)
    if _is_postgres(session):
        session.execute(_change_of_all(table, tuple(keys), names), _document(rows))
    else:
        session.execute(_change(table, tuple(keys), names), [{f"_{n}": v for n, v in row.items()} for row in rows])


def among(session: Session, column: ColumnElement[Any], values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column's value is one of many.

    To PostgreSQL they are a table: once it keeps a plan, which it does after some calls, it compares each row with an
    array value by value, and a page of a broadcast grows dearer with every page before it.
    """
    if _is_postgres(session):
        return column.in_(select(func.unnest(literal(list(values), ARRAY(column.type, dimensions=1)))))
    return column.in_(values)


def _is_postgres(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def _document(rows: Rows) -> dict[str, str]:
    return {"given_rows": dumps(rows)}


def _given(table: Table, names: Sequence[str]) -> Any:
    """The rows of the document as a table."""
    columns: list[Column[Any]] = [Column(name, table.c[name].type) for name in names]
    rows = cast(bindparam("given_rows", type_=Text), JSON)
    return func.json_to_recordset(rows).table_valued(*columns, name="given").render_derived(with_types=True)


@cache
def _insertion(table: Table, names: tuple[str, ...]) -> Insert:
    return insert(table).from_select(names, select(*_given(table, names).c))


@cache
def _change_of_all(table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Update:
    given = _given(table, (*keys, *names))
    return (
        update(table)
        .where(*(table.c[key] == given.c[key] for key in keys))
        .values({name: given.c[name] for name in names})
    )


@cache
def _change(table: Table, keys: tuple[str, ...], names: tuple[str, ...]) -> Update:
    return (
        update(table)
        .where(*(table.c[key] == bindparam(f"_{key}") for key in keys))
        .values({name: bindparam(f"_{name}") for name in names})
    )
