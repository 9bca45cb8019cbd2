"""Pages of lists: an opaque cursor that says where the next page begins."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NoReturn

from sqlalchemy import ColumnElement, Integer, Row, Select, and_, or_
from sqlalchemy.orm import Session

from journey.domain.errors import InvalidInput, field_error
from journey.store.types import UtcDateTime, dumps, loads

MAX_LIMIT: Final = 200
DEFAULT_LIMIT: Final = 50


class BadCursor(InvalidInput):
    """The cursor is not one that this list gave."""

    def __init__(self) -> None:
        super().__init__((field_error("cursor", "invalid"),))


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of a list as people are shown them, and the cursor of the next page (None: this is the last one)."""

    data: list[dict[str, Any]] = field(default_factory=list)
    next_cursor: str | None = None

    def document(self) -> dict[str, Any]:
        """As it goes over the wire."""
        return {"data": self.data, "next_cursor": self.next_cursor}


@dataclass(frozen=True, slots=True)
class Order:
    """How a list is sorted: by an instant and then an id, or by a number alone; `name` keeps cursors of lists apart."""

    name: str
    columns: tuple[ColumnElement[Any], ...]
    descending: bool = False

    def fetch(
        self, session: Session, query: Select[Any], cursor: str | None, limit: int
    ) -> tuple[Sequence[Row[Any]], str | None]:
        """The rows after `cursor`, at most `limit` (1 to 200); BadCursor for one of another list."""
        size = max(1, min(limit, MAX_LIMIT))
        if cursor:
            query = query.where(self._after(_decode(cursor, self.name, [self._kind(c) for c in self.columns])))
        ordered = query.order_by(*(c.desc() if self.descending else c.asc() for c in self.columns))
        keyed = ordered.add_columns(*(c.label(f"_sort_{i}") for i, c in enumerate(self.columns))).limit(size + 1)
        rows = session.execute(keyed).all()
        if len(rows) <= size:
            return rows, None
        last = rows[size - 1]
        return rows[:size], _encode(self.name, [last._mapping[f"_sort_{i}"] for i in range(len(self.columns))])

    def _after(self, values: list[Any]) -> ColumnElement[bool]:
        # Spelled out, since row values compare differently where a column type needs converting.
        beyond: list[ColumnElement[bool]] = [
            c < v if self.descending else c > v for c, v in zip(self.columns, values, strict=True)
        ]
        if len(beyond) == 1:
            return beyond[0]
        return or_(beyond[0], and_(self.columns[0] == values[0], beyond[1]))

    @staticmethod
    def _kind(column: ColumnElement[Any]) -> Callable[[Any], Any]:
        if isinstance(column.type, UtcDateTime):
            return _instant
        return _integer if isinstance(column.type, Integer) else _text


def _encode(name: str, values: list[Any]) -> str:
    return base64.urlsafe_b64encode(dumps([name, *values]).encode()).decode().rstrip("=")


def _decode(cursor: str, name: str, kinds: list[Callable[[Any], Any]]) -> list[Any]:
    try:
        told = loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        if isinstance(told, list) and told[:1] == [name] and len(told) == 1 + len(kinds):
            return [kind(value) for kind, value in zip(kinds, told[1:], strict=True)]
    except (ValueError, TypeError, binascii.Error):
        raise BadCursor from None
    raise BadCursor


def _instant(value: Any) -> datetime:
    instant = datetime.fromisoformat(value)
    return instant if instant.tzinfo is not None and 1900 < instant.year < 2200 else _refuse()


def _integer(value: Any) -> int:
    return value if isinstance(value, int) and abs(value) < 2**62 else _refuse()


def _text(value: Any) -> str:
    return value if isinstance(value, str) and "\x00" not in value else _refuse()


def _refuse() -> NoReturn:
    raise ValueError
