"""A test of a text from the door to the channel: asked for, sent once by a worker, answered as it ended."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from journey.contracts.names import template_test_workflow
from journey.store import template_tests
from journey.store.engine import Store
from starter import templates
from tests.engine import TestEngine, engine

pytestmark = pytest.mark.server


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> AsyncIterator[TestEngine]:
    """A running engine (`tests.engine.engine`)."""
    async with engine(kernel_store, tmp_path) as made:
        yield made


async def test_a_test_is_sent_by_a_worker_and_its_workflow_holds_no_address(home: TestEngine) -> None:
    body = {"channel": "email", "to": "me@example.com", "by": "stf_1"}
    now = await home.now()
    test = await templates.ask_test(home.store, home.site.shelf, "handover.notice", body, now, "key_1")

    await home.doors.try_text(test)

    shown = await home.store.read(template_tests.test_view, test)
    history = await home.env.client.get_workflow_handle(template_test_workflow(test)).fetch_history()
    assert (shown["state"], shown["to"], shown["provider"]) == ("sent", "m***@example.com", "simulated")
    assert "me@example.com" not in history.to_json()
    assert "张伟" not in history.to_json()
