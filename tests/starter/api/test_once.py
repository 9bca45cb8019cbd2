"""Idempotency-Key over HTTP."""

import httpx2

from tests.starter.api.told import HOME, PROJECT

KEY = {"Idempotency-Key": "import-1/row-7"}


async def test_a_repeated_post_gets_the_first_answer_and_says_so(writer: httpx2.AsyncClient) -> None:
    await writer.post("/v1/projects", json=PROJECT)

    first = await writer.post("/v1/journeys", json=HOME, headers=KEY)
    again = await writer.post("/v1/journeys", json=HOME, headers=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")


async def test_the_same_key_with_another_body_is_a_conflict(writer: httpx2.AsyncClient) -> None:
    await writer.post("/v1/projects", json=PROJECT, headers=KEY)

    other = await writer.post("/v1/projects", json=PROJECT | {"code": "YN"}, headers=KEY)

    assert other.status_code == 409


async def test_a_refused_request_leaves_its_key_free(writer: httpx2.AsyncClient) -> None:
    refused = await writer.post("/v1/projects", json={"code": "XN"}, headers=KEY)
    mended = await writer.post("/v1/projects", json=PROJECT, headers=KEY)

    assert (refused.status_code, mended.status_code) == (422, 201)


async def test_a_key_that_cannot_be_one_is_refused(writer: httpx2.AsyncClient) -> None:
    long = await writer.post("/v1/projects", json=PROJECT, headers={"Idempotency-Key": "x" * 256})
    empty = await writer.post("/v1/projects", json=PROJECT, headers={"Idempotency-Key": ""})

    assert [long.status_code, empty.status_code] == [422, 422]
