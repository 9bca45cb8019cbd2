"""How an agenda is kept: a row of values for each item, half as long as the documents that readers are given.

What planning hashes to see whether anything changed is what it writes then, put into JSON once.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.engine import Dialect

from journey.domain.items import read_row
from journey.domain.planner import Plan
from journey.store.types import Document, dumps


def kept(found: Plan, covers: Sequence[Any]) -> str:
    """The agenda of a plan as it is kept."""
    begun = [item.key for item in found.agenda if item.key not in found.planned]
    rows = [item.row for item in found.agenda]
    return dumps({"rows": rows, "begun": begun, "covers": covers, "ledgers": found.ledgers})


def kept_item(document: Mapping[str, Any], key: str) -> tuple[Mapping[str, Any] | None, bool]:
    """One item of an agenda as it is kept, None when it is not on it; and whether it is planned."""
    if "rows" not in document:
        item = next((item for item in document.get("items", ()) if item["key"] == key), None)
        return item, key in document.get("planned", ())
    row = next((row for row in document["rows"] if row[0] == key), None)
    return (read_row(row) if row is not None else None), row is not None and key not in document["begun"]


class AgendaDocument(Document):
    """An agenda: text of `kept`, or a whole document, in; the whole document out, also of one that is kept whole."""

    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Any:
        """Give what puts a value into the column."""
        return lambda value: value if value is None or isinstance(value, str) else dumps(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Turn what is kept into the document."""
        if value is None or "rows" not in value:
            return value
        begun = set(value["begun"])
        return {
            "items": [read_row(row) for row in value["rows"]],
            "planned": sorted(key for key, *_ in value["rows"] if key not in begun),
            "covers": value["covers"],
            "ledgers": value["ledgers"],
        }
