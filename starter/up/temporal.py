"""The embedded Temporal: a development server with a database file, good for one machine."""

import os
import shutil
import sys
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import (
    DescribeTaskQueueRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client

from journey.contracts.names import QUEUE, SEARCH_ATTRIBUTES
from journey.settings import Settings
from starter.up.home import CannotStart

RETENTION: Final = timedelta(days=90)
_VALUE_TYPES: Final = {
    "Keyword": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
    "Datetime": IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
    "Int": IndexedValueType.INDEXED_VALUE_TYPE_INT,
}


def binary() -> str:
    """The path of the `temporal` program: beside this Python, on PATH, or as TEMPORAL_CLI says."""
    beside = Path(sys.executable).parent / "temporal"
    found = str(beside) if os.access(beside, os.X_OK) else shutil.which("temporal") or os.environ.get("TEMPORAL_CLI")
    if not found:
        raise CannotStart(
            "找不到 temporal 程序 / the `temporal` program is missing: install it, name it with TEMPORAL_CLI, "
            "or point TEMPORAL_ADDRESS at a Temporal service"
        )
    return found


def server_command(home: Path, port: int, ui_port: int) -> list[str]:
    """The command line of the server; its search attributes are registered as it starts."""
    attributes = [word for name, kind in SEARCH_ATTRIBUTES.items() for word in ("--search-attribute", f"{name}={kind}")]
    return [
        binary(), "server", "start-dev", "--ip", "127.0.0.1", "--port", str(port), "--ui-port", str(ui_port),
        "--db-filename", str(home / "temporal.db"),
        "--sqlite-pragma", "journal_mode=WAL", "--sqlite-pragma", "synchronous=NORMAL",
        "--ui-disable-news-fetch", "--log-level", "error", *attributes,
    ]  # fmt: skip


def client_environment(port: int) -> Mapping[str, str]:
    """The variables by which every process of this home finds the embedded server, whatever the machine's defaults."""
    return {
        "TEMPORAL_ADDRESS": f"127.0.0.1:{port}",
        "TEMPORAL_NAMESPACE": "default",
        "TEMPORAL_CONFIG_FILE": os.devnull,
    }


def find_embedded(settings: Settings) -> None:
    """Without a word from the environment, ask the Temporal that `journey up` last started on this home."""
    if not os.environ.get("TEMPORAL_ADDRESS"):
        try:
            known = tomllib.loads((settings.home / "client.toml").read_text(encoding="utf-8")).get("temporal")
        except (OSError, tomllib.TOMLDecodeError):
            return
        if known:
            os.environ["TEMPORAL_ADDRESS"] = str(known)


async def keep_history(client: Client) -> None:
    """Let ended workflows stay visible for 90 days."""
    request = UpdateNamespaceRequest(namespace=client.namespace)
    wanted = Duration()
    wanted.FromTimedelta(RETENTION)
    request.config.workflow_execution_retention_ttl.CopyFrom(wanted)
    await client.workflow_service.update_namespace(request)


async def missing_search_attributes(client: Client) -> list[str]:
    """The names of our search attributes that this server does not know."""
    answer = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return [name for name in SEARCH_ATTRIBUTES if name not in answer.custom_attributes]


async def register_search_attributes(client: Client) -> None:
    """Register what is missing; the caller decides what a refusal means (Temporal Cloud has its own way)."""
    if missing := await missing_search_attributes(client):
        wanted = {name: _VALUE_TYPES[SEARCH_ATTRIBUTES[name]] for name in missing}
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=wanted)
        )


async def worker_listens(client: Client) -> bool:
    """Whether a worker asks the queue for journeys."""
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    return bool(answer.pollers)
