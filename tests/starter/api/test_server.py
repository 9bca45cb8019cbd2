"""The API on a real socket."""

import asyncio
import io
import re
import socket
from collections.abc import AsyncIterator

import httpx2
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from journey.store import keys
from journey.store.engine import Store
from starter.api.server import server_config
from tests.journey.store.seeds import NOON, seed_work


@pytest_asyncio.fixture
async def client(app: FastAPI, store_sqlite: Store) -> AsyncIterator[httpx2.AsyncClient]:
    store_sqlite.write_sync(seed_work)
    _, plain = store_sqlite.write_sync(keys.create_key, "t", False, ["write"], NOON)
    server = uvicorn.Server(server_config(app, "127.0.0.1", 0))
    listener = socket.create_server(("127.0.0.1", 0))  # listens at once: requests wait until the server is up
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    port = listener.getsockname()[1]
    headers = {"Authorization": f"Bearer {plain}"}
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, trust_env=False) as opened:
        yield opened
    server.should_exit = True
    await serving


@pytest.mark.parametrize("size", [300_000, 1_000_000, 20_000_000])
async def test_a_body_that_is_too_large_gets_its_answer_and_the_next_request_too(
    client: httpx2.AsyncClient, size: int
) -> None:
    big = await client.post("/v1/projects", json={"code": "x" * size})
    after = await client.get("/v1/journeys")

    assert (big.status_code, after.status_code) == (413, 200)


async def test_project_and_unit_name_a_journey_with_the_slash_escaped_or_not(client: httpx2.AsyncClient) -> None:
    answers = [await client.get(f"/v1/journeys/XN{slash}3-1-1202/timeline") for slash in ("/", "%2F")]

    assert [answer.status_code for answer in answers] == [200, 200]


async def test_no_log_line_repeats_a_query_or_a_path(client: httpx2.AsyncClient, lines: io.StringIO) -> None:
    await client.get("/v1/projects/zhang-wei", params={"q": "li-na"})

    assert "/v1/projects/{code}" in lines.getvalue()
    assert not {"zhang-wei", "li-na"} & set(re.split(r"[\s\"=&?/]", lines.getvalue()))
    assert "server" not in (await client.get("/healthz")).headers
