"""Whether a transaction has written anything yet, and readers that may not."""

from typing import Any, Final, NoReturn

from sqlalchemy import Connection, Engine, TextClause, event
from sqlalchemy.orm import Session

# Each statement stands alone, as under READ COMMITTED: nothing is begun or ended, which saves two ways to the server.
READING: Final = {"isolation_level": "AUTOCOMMIT", "journey_reading": True}
_WROTE: Final = "wrote"


def notice_writes(engine: Engine) -> None:
    """Have `wrote` answer for the transactions of an engine, and refuse what a reader (`READING`) would change."""
    event.listen(engine, "begin", _nothing_yet)
    event.listen(engine, "before_cursor_execute", _look)


def wrote(session: Session) -> bool:
    """Whether anything but a question was put in this transaction; what is no statement of ours counts as a write."""
    session.flush()
    return bool(session.connection().info.get(_WROTE))


def _nothing_yet(connection: Connection) -> None:
    connection.info[_WROTE] = False


def _look(connection: Connection, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:
    compiled = context.compiled if context is not None else None
    asked = compiled.statement if compiled is not None else None
    if getattr(asked, "is_select", False):
        return
    if not connection.get_execution_options().get("journey_reading"):
        connection.info[_WROTE] = True
    elif not isinstance(asked, TextClause) or not statement.lstrip().upper().startswith("SELECT"):
        _refuse()


def refuse_writes(engine: Engine) -> None:
    """Refuse what a reader of SQLite would change; `query_only` would do so too, as if the store were away."""
    event.listen(engine, "before_cursor_execute", _only_read)


def _only_read(_on: Connection, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool) -> None:
    if context is not None and (context.isinsert or context.isupdate or context.isdelete):
        _refuse()


def _refuse() -> NoReturn:
    """A reader that writes is a mistake of ours: the store is there, and calling again would not help."""
    raise RuntimeError("a read-only transaction cannot change anything")
