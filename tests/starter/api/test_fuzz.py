"""Whatever is asked, the API answers as its OpenAPI says, and never with a crash."""

from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from journey.store import keys
from journey.store.engine import Store
from tests.journey.store.seeds import NOON, seed_work

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
IDS = {
    "project": "XN", "journey": "jrn_1", "task": "tsk_1", "code": "XN", "event": "evt_1", "ref": "zw", "case": "evt_1",
    "broadcast": "brd_1", "message": "msg_1", "run": "run_1", "reference": "AAAAA-AAAAA", "digest": "0" * 64,
    "template": "handover.notice", "answer": "noise", "test": "tst_1", "source": "carrier",
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_every_operation_keeps_its_own_description(
    app: FastAPI, store_sqlite: Store, known: bool, mode: GenerationMode
) -> None:
    store_sqlite.write_sync(seed_work)
    _, plain = store_sqlite.write_sync(keys.create_key, "fuzz", True, [], NOON)
    headers = {"Authorization": f"Bearer {plain}"}
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    asked: set[int] = set()

    for found in schema.include(path_regex="^/v1/").get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]  # a description that is wrong raises here

        @seed(20260301)
        @settings(
            max_examples=15,
            deadline=None,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode))
        def holds(case: Any) -> None:
            if known and case.path_parameters:
                case.path_parameters = {name: IDS[name] for name in case.path_parameters}
            response = case.call(headers=headers)
            asked.add(response.status_code)
            case.validate_response(response, checks=CHECKS)

        holds()

    assert HTTPStatus.OK in asked
