"""The handover batches that an export implies."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from starter.importing.checking import SOURCE, Home


def planned_batches(homes: Iterable[Home], now: str) -> list[tuple[str, Mapping[str, Any]]]:
    """Return `batch.planned` for every batch, as (project, event): one a building, unless a column names batches.

    Homes of one batch may differ in dates; the commonest pair is the batch's, each contract keeps its own. The id
    holds a digest of the dates, so that the same export changes nothing and a newer one is heard.
    """
    groups: dict[tuple[str, str], list[Home]] = {}
    for home in homes:
        if home.handover_due:
            groups.setdefault((home.project, home.batch or home.building), []).append(home)
    return [(project, _planned(code, members, now)) for (project, code), members in sorted(groups.items())]


def _planned(code: str, homes: list[Home], now: str) -> Mapping[str, Any]:
    due, completion = Counter((home.handover_due, home.completion) for home in homes).most_common(1)[0][0]
    data = {
        "batch": code,
        "buildings": sorted({home.building for home in homes}),
        "handover_from": _iso(due),
        "handover_to": _iso(due),
        "contract_handover_date": _iso(due),
    }
    if completion:
        data["completion_accepted_on"] = _iso(completion)
    digest = hashlib.sha256(repr(sorted(data.items())).encode()).hexdigest()[:12]
    return {
        "id": f"{SOURCE}:batch:{code}:{digest}",
        "type": "batch.planned",
        "occurred_at": now,
        "data": data,
        "source": SOURCE,
    }


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
