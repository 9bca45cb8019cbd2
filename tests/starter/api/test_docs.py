"""OpenAPI, its reader, health and counts."""

import gzip
import hashlib
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from journey.domain.values import MessageClass
from starter.api.app import ROUTES
from starter.api.docs import STATIC
from tests.starter.api.conftest import Connect, Parts


@pytest.fixture
def app(fresh_app: FastAPI) -> FastAPI:
    """Counts from nothing."""
    return fresh_app


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


async def test_every_route_that_answers_with_a_verdict_may_answer_before_there_is_one(connect: Connect) -> None:
    async with connect() as client:
        document = (await client.get("/openapi.json")).json()

    judged = {
        path: post["responses"].get("202", {}).get("content") == post["responses"]["200"]["content"]
        for path, operations in document["paths"].items()
        if (post := operations.get("post")) and "200" in post["responses"] and _verdicts(document, post)
    }
    assert {"/v1/tasks/{task}/result", "/v1/tasks/{task}/assign", "/v1/projects/{code}/events"} <= set(judged)
    assert set(judged.values()) == {True}


def _verdicts(document: dict[str, Any], operation: dict[str, Any]) -> list[str]:
    """The verdicts that the answer of an operation may carry."""
    schema = operation["responses"]["200"].get("content", {}).get("application/json", {}).get("schema", {})
    named = document["components"]["schemas"].get(schema.get("$ref", "").rpartition("/")[2], {})
    verdict: dict[str, Any] = named.get("properties", {}).get("verdict", {})
    return list(verdict.get("enum", []))


def test_no_route_hides_another() -> None:
    declared = [
        (method, route.path)
        for module in ROUTES
        for route in module.router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    ]

    assert [each for each, times in Counter(declared).items() if times > 1] == []
    assert len(declared) > 60


async def test_the_docs_page_loads_nothing_from_anywhere_else(connect: Connect) -> None:
    async with connect() as client:
        page = await client.get("/docs")
        loaded = [await client.get(link) for link in re.findall(r'(?:src|href)="(/[^"]+)"', page.text)]

    assert not re.search(r"https?://", page.text)
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert len(loaded) == 3
    assert {answer.status_code for answer in loaded} == {200}
    assert any("SwaggerUIBundle=o()" in answer.text for answer in loaded)


def unpacked(path: Path) -> bytes:
    """A vendored file as its makers published it."""
    content = path.read_bytes()
    return gzip.decompress(content) if path.suffix == ".gz" else content


def test_vendored_files_are_what_their_manifest_says() -> None:
    folder = STATIC / "vendor"
    packages = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["packages"]

    listed = {file["path"]: file["sha256"] for package in packages for file in package["files"]}
    present = {
        path.relative_to(folder).as_posix().removesuffix(".gz"): hashlib.sha256(unpacked(path)).hexdigest()
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


async def test_the_class_of_a_message_is_described_with_every_value_it_has(connect: Connect) -> None:
    async with connect() as client:
        schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]

    for name in ("EntryShown", "MessageShown", "InboxShown", "BroadcastRow", "BroadcastReview"):
        said = schemas[name]["properties"]["class"]["description"]
        assert [one for one in MessageClass if f"`{one.value}`" not in said] == [], name
