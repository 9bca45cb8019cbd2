"""Homes with their owners put straight into the store: what a start through the doors takes minutes for."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from journey.domain.values import JourneyStatus, Stage
from journey.store.engine import Store
from journey.store.tables import consents, contacts, episodes, journeys, parties, persons, units

AT_A_TIME: Final = 500
PACK: Final = "cn-residential"


def settle(store: Store, project: str, count: int, now: datetime, *, channels: Sequence[str] = ("phone",)) -> None:
    """So many signed homes of a project, each with one owner who agreed to care; no workflow runs for them."""
    for first in range(0, count, AT_A_TIME):
        store.write_sync(_settle, project, range(first, min(first + AT_A_TIME, count)), now, channels)


def _settle(session: Session, project: str, numbers: range, now: datetime, channels: Sequence[str]) -> None:
    for table, rows in _rows(project, numbers, now, channels):
        session.execute(insert(table), rows)


def _rows(
    project: str, numbers: range, now: datetime, channels: Sequence[str]
) -> Iterator[tuple[Table, list[Mapping[str, Any]]]]:
    yield units, [{"id": f"unt_{n}", "project_id": project, "code": f"3-1-{n}", "building": "3"} for n in numbers]
    yield (
        episodes,
        [{"id": f"epi_{n}", "unit_id": f"unt_{n}", "kind": "first-sale", "created_at": now} for n in numbers],
    )
    owner = {"name": "业主", "language": "zh", "tags": [], "created_at": now}
    yield persons, [{"id": f"psn_{n:06}", "ref": f"b{n}", **owner} for n in numbers]
    yield (
        contacts,
        [
            {"person_id": f"psn_{n:06}", "channel": channel, "address": f"+86139{n:08}", "state": "ok", "since": now}
            for n in numbers
            for channel in channels
        ],
    )
    agreed = {"purpose": "care", "channel": "", "given": True, "event_id": "evt_0", "since": now}
    yield consents, [{"person_id": f"psn_{n:06}", **agreed} for n in numbers]
    yield parties, [{"episode_id": f"epi_{n}", "person_id": f"psn_{n:06}", "position": 0} for n in numbers]
    signed = {
        "project_id": project, "pack": PACK, "overlays": [], "stage": Stage.PRE_HANDOVER.value,
        "status": JourneyStatus.ACTIVE.value, "started_at": now, "over": True,
    }  # fmt: skip
    yield (
        journeys,
        [{"id": f"jrn_{n:06}", "unit_id": f"unt_{n}", "episode_id": f"epi_{n}", **signed} for n in numbers],
    )
