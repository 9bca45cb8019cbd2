"""Agendas of a project, page by page, whatever they belong to."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import insert

from journey.store import forecasting
from journey.store.engine import Store
from journey.store.forecasting import count_journeys, project_agendas
from journey.store.tables import agenda, batches, projects
from tests.journey.store.seeds import NOON, seed_work


async def test_agendas_of_homes_batches_and_the_project_are_read_and_nobody_elses(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await store.write(seed_work)
    other = {"id": "prj_2", "code": "YQ", "name": "云栖", "city": "成都", "pack": "cn-residential", "overlays": []}
    batch = {"id": "bat_1", "project_id": "prj_1", "code": "3", "buildings": ["3"], "dates": {}}
    rows = [
        {"scope": scope, "scope_id": name, "document": {"items": [], "of": name}, "hash": "h"}
        for scope, name in (("batch", "bat_1"), ("project", "prj_1"), ("project", "prj_2"), ("journey", "jrn_9"))
    ]
    await store.write(
        lambda session: session.execute(
            insert(projects), [other | {"zone": "Asia/Shanghai", "posts": {}, "created_at": NOON}]
        )
    )
    await store.write(lambda session: session.execute(insert(batches), [batch]))
    await store.write(lambda session: session.execute(insert(agenda), rows))
    monkeypatch.setattr(forecasting, "_PAGE", 1)

    found: dict[str, Mapping[str, Any]] = {}
    cursor: str | None = None
    while True:
        page = await store.read(project_agendas, "prj_1", cursor=cursor)
        found |= page.documents
        cursor = page.next_cursor
        if cursor is None:
            break

    assert [document.get("of", "jrn_1") for document in found.values()] == ["bat_1", "jrn_1", "prj_1"]
    assert await store.read(count_journeys, "prj_1") == 2
