"""The handover batches that an export implies."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from starter.importing.checking import SOURCE, Home
from starter.importing.headings import HEADINGS
from starter.importing.remarks import Remark, remark


@dataclass(slots=True)
class Batches:
    """`batch.planned` for every batch, as (project, event), and the buildings that stand in two of them."""

    planned: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)


def planned_batches(homes: Iterable[Home], now: str) -> Batches:
    """One batch a building, unless a column names batches; a building in two of them belongs to none.

    Homes of one batch may differ in dates; the commonest pair is the batch's, each contract keeps its own. The id
    holds a digest of the dates, so that the same export changes nothing and a newer one is heard.
    """
    found = Batches()
    groups: dict[tuple[str, str], list[Home]] = {}
    first: dict[tuple[str, str], Home] = {}
    torn: set[tuple[str, str]] = set()
    for home in homes:
        if not home.handover_due:
            continue
        code, building = home.batch or home.building, (home.project, home.building)
        known = first.setdefault(building, home)
        if (known.batch or known.building) != code and building not in torn:
            torn.add(building)
            found.errors.append(_in_two(home, known))
        groups.setdefault((home.project, code), []).append(home)
    for (project, code), members in sorted(groups.items()):
        buildings = sorted({home.building for home in members if (project, home.building) not in torn})
        if buildings:
            found.planned.append((project, _planned(code, members, buildings, now)))
    return found


def _in_two(home: Home, known: Home) -> Remark:
    return remark(
        home.place,
        HEADINGS["batch"][0],
        "building-in-two-batches",
        other=known.place,
        building=home.building,
        first=known.batch or known.building,
        second=home.batch or home.building,
    )


def _planned(code: str, homes: Sequence[Home], buildings: Sequence[str], now: str) -> Mapping[str, Any]:
    due, completion = Counter((home.handover_due, home.completion) for home in homes).most_common(1)[0][0]
    data = {
        "batch": code,
        "buildings": list(buildings),
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
