"""Telling a Temporal that is slow or away."""

import asyncio
import gc
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.exceptions import TemporalError

from starter.telling import Subject, Teller
from tests.servers import dev_server

SHORT = timedelta(milliseconds=500)


async def refused() -> Client:
    """A Temporal that refuses whoever comes."""
    raise TemporalError("nobody may come in")


@pytest.mark.slow
@pytest.mark.server
async def test_an_event_that_no_worker_takes_in_time_has_no_answer_and_leaves_no_stray_error() -> None:
    stray: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: stray.append(context))
    async with dev_server() as client:

        async def connect() -> Client:
            return client

        told = await Teller(connect, patience=SHORT).tell(Subject("jrn_untold"), ["evt_1"])
        await asyncio.sleep(0.1)
        gc.collect()

    assert told == {}
    assert stray == []


async def test_an_event_told_to_a_temporal_that_refuses_has_no_answer() -> None:
    assert await Teller(refused, patience=SHORT).tell(Subject("jrn_untold"), ["evt_1"]) == {}
