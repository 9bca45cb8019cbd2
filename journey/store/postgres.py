"""PostgreSQL as the store uses it: a pool of connections, with no way there and back that nothing needs."""

import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import psycopg
from psycopg import Column
from psycopg.rows import TupleRow
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError

from journey.store.types import dumps, loads

_PROVED_FOR: Final = 1.0  # seconds after its last use in which a connection is not asked whether it still stands


def postgres_engine(url: URL, pool_size: int) -> Engine:
    """An engine with a pool of connections that are asked whether they stand when they lay idle."""
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        isolation_level="READ COMMITTED",
        connect_args={"connect_timeout": 5, "cursor_factory": _Cursor},
        json_serializer=dumps,
        json_deserializer=loads,
        hide_parameters=True,
    )

    def prove(connection: Any, record: Any, _: object) -> None:
        if time.monotonic() - record.info.get("used", time.monotonic()) < _PROVED_FOR:
            return
        try:
            engine.dialect.do_ping(connection)
        except psycopg.Error as gone:
            raise DisconnectionError from gone  # the pool tries another one

    def used(_: object, record: Any) -> None:
        record.info["used"] = time.monotonic()

    event.listen(engine, "checkout", prove)
    event.listen(engine, "checkin", used)
    return engine


class _Cursor(psycopg.Cursor[TupleRow]):
    """SQLAlchemy, which knows a statement's columns after it ran once, only looks whether there are any.

    To describe each of them every time took a third of what a statement costs in this process.
    """

    @property
    def description(self) -> Any:
        """The columns of the result, None when it has none."""
        result = self.pgresult
        return _Columns(lambda: super(_Cursor, self).description or ()) if result and result.nfields else None


class _Columns(Sequence[Any]):
    """Columns that are described when somebody looks at one."""

    def __init__(self, describe: Callable[[], Sequence[Column]]) -> None:
        self._describe = describe

    def __getitem__(self, index: Any) -> Any:
        return self._describe()[index]

    def __len__(self) -> int:
        return len(self._describe())
