"""A filter that names nothing there is is an error that says what there is; it is never an empty list."""

from typing import Any

import httpx2
import pytest

from journey.store.engine import Store
from tests.journey.store.seeds import seed_work
from tests.starter.api.test_broadcasts import ASKED

WRONG: list[tuple[str, str, str]] = [
    ("/v1/journeys", "project", "XN"), ("/v1/journeys", "batch", ""), ("/v1/journeys", "stage", "signing"),
    ("/v1/journeys", "status", "active"), ("/v1/journeys/jrn_1/entries", "state", "unknown"),
    ("/v1/tasks", "project", "XN"), ("/v1/tasks", "state", "open"), ("/v1/tasks", "role", "keeper"),
    ("/v1/cases", "project", "XN"), ("/v1/cases", "kind", "repair"), ("/v1/cases", "state", "open"),
    ("/v1/people", "project", "XN"), ("/v1/broadcasts", "project", "XN"), ("/v1/broadcasts", "state", "running"),
    ("/v1/letters", "project", "XN"), ("/v1/letters", "batch", ""), ("/v1/letters", "state", "returned"),
    ("/v1/letters/runs", "project", "XN"), ("/v1/messages", "state", "sent"),
    ("/v1/messages/breakers", "state", "open"), ("/v1/messages/receipts", "outcome", "waiting"),
    ("/v1/answers", "rule", "…"), ("/v1/answers", "category", "lift"),
]  # fmt: skip
NAMES: list[tuple[str, str]] = [
    ("/v1/tasks", "journey"), ("/v1/cases", "journey"), ("/v1/messages", "journey"), ("/v1/letters", "run"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "name", "allowed"), WRONG)
async def test_a_misspelt_filter_is_refused_with_its_name_and_what_it_may_be(
    writer: httpx2.AsyncClient, store_sqlite: Store, path: str, name: str, allowed: str
) -> None:
    await store_sqlite.write(seed_work)

    answer = await writer.get(path, params={name: "nonsense"})

    assert answer.status_code == 422, answer.text
    (error,) = answer.json()["errors"]
    assert (error["parameter"], allowed in error["text"]) == (name, True)


@pytest.mark.parametrize(("path", "name"), NAMES)
async def test_a_filter_by_the_name_of_one_thing_finds_it_or_says_that_it_is_not_there(
    writer: httpx2.AsyncClient, path: str, name: str
) -> None:
    assert (await writer.get(path, params={name: "nonsense"})).status_code == 404


@pytest.mark.parametrize("name", ["outcome", "reason"])
async def test_recipients_are_not_filtered_by_nonsense(
    writer: httpx2.AsyncClient, store_sqlite: Store, name: str
) -> None:
    await store_sqlite.write(seed_work)
    broadcast = (await writer.post("/v1/broadcasts", json=ASKED)).json()["id"]

    answers = [
        await writer.get(f"/v1/broadcasts/{broadcast}/{kind}", params={name: "x"}) for kind in ("recipients", "export")
    ]
    known = await writer.get(
        f"/v1/broadcasts/{broadcast}/recipients", params={"outcome": "held", "reason": "quiet-hours"}
    )

    assert [one.status_code for one in answers] == [422, 422]
    assert {one.json()["errors"][0]["parameter"] for one in answers} == {name}
    assert (known.status_code, known.json()["data"]) == (200, [])


async def test_letters_of_a_rule_that_writes_none_are_not_printed(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await store_sqlite.write(seed_work)

    answer = await writer.post("/v1/letters/runs", json={"project": "XN", "rule": "handover.call"})

    (error,) = answer.json()["errors"]
    told: dict[str, Any] = error
    assert (answer.status_code, told["field"]) == (422, "rule")
    assert "handover.formal-notice" in told["text"]
