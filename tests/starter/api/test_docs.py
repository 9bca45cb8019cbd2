"""OpenAPI, its reader, health and counts."""

import hashlib
import json
import re

import httpx2

from starter.api.docs import STATIC
from tests.starter.api.conftest import Connect, Parts


async def test_openapi_names_every_route_its_refusals_and_only_schemas_that_exist(connect: Connect) -> None:
    async with connect() as client:
        document = (await client.get("/openapi.json")).json()

    text = json.dumps(document)
    named = set(re.findall(r"#/components/schemas/([^\"]+)", text))
    start = document["paths"]["/v1/journeys"]["post"]
    assert named <= set(document["components"]["schemas"])
    assert {"201", "401", "409", "413", "422", "503"} <= set(start["responses"])
    assert list(start["responses"]["422"]["content"]) == ["application/problem+json"]
    assert "/v1/tasks/{task}/claim" in document["paths"]


async def test_the_docs_page_loads_nothing_from_anywhere_else(connect: Connect) -> None:
    async with connect() as client:
        page = await client.get("/docs")
        loaded = [await client.get(link) for link in re.findall(r'(?:src|href)="(/[^"]+)"', page.text)]

    assert not re.search(r"https?://", page.text)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert len(loaded) == 3
    assert {answer.status_code for answer in loaded} == {200}


def test_vendored_files_are_what_their_manifest_says() -> None:
    folder = STATIC / "vendor"
    packages = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["packages"]

    listed = {file["path"]: file["sha256"] for package in packages for file in package["files"]}
    present = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }

    assert present == listed


async def test_health_needs_no_key_and_readiness_names_what_is_missing(connect: Connect, parts: Parts) -> None:
    async with connect() as client:
        alive, ready = await client.get("/healthz"), await client.get("/readyz")
        parts.state = {"temporal": "does not answer"}
        missing = await client.get("/readyz")

    assert (alive.status_code, ready.status_code, missing.status_code) == (200, 200, 503)
    assert ready.json()["checks"] == {"store": "ok", "temporal": "ok"}
    assert missing.json()["checks"]["temporal"] == "does not answer"


async def test_answers_are_counted_by_route_and_not_by_what_stands_in_it(writer: httpx2.AsyncClient) -> None:
    await writer.get("/v1/projects/13800138000")

    counted = (await writer.get("/metrics")).text

    assert 'journey_http_answers_total{method="GET",route="/v1/projects/{code}",status="404"} 1.0' in counted
    assert "13800138000" not in counted
