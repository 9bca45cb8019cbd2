"""The REST API as an import needs it, inside the API's own process: the same doors, without the network."""

import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any
from urllib.parse import unquote

from journey.domain.errors import Conflict, InvalidInput, JourneyError, NotFound
from journey.store import batch_queries, queries
from journey.store.engine import Store
from journey.store.failures import StoreDown
from journey.store.queries import JourneyFilter
from starter.api.context import Answer, Doors
from starter.cli.output import ExitCode, Failure

_PAGE = 200


class Within:
    """Called from threads, while the doors run on the API's event loop; a refusal is a Failure, caused by its error."""

    def __init__(self, doors: Doors, store: Store, loop: asyncio.AbstractEventLoop, outlook: Any) -> None:
        self._doors = doors
        self._store = store
        self._loop = loop
        self._outlook = outlook

    def post(self, path: str, body: Any) -> Any:
        """Send a body to the door that the path names."""
        match path.removeprefix("/v1/").split("/"):
            case ["projects"]:
                return self._run(self._doors.create_project(body))
            case ["journeys"]:
                return self._run(self._doors.start_journey(body)).journey
            case ["projects", code, "events"]:
                return _answer(self._run(self._doors.tell_project(unquote(code), body)))
            case ["journeys", journey, "events"]:
                return _answer(self._run(self._doors.tell_journey(journey, body)))
        raise ValueError(path)

    def get(self, path: str) -> Any:
        """A journey with its owners, a project, or a batch."""
        if path.startswith("/v1/batches/"):
            project, code = (unquote(part) for part in path.rsplit("/", 2)[1:])
            return self._run(self._store.read(batch_queries.batch_view, project, code))
        if path.startswith("/v1/projects/"):
            return self._run(self._store.read(queries.project_view, unquote(path.rsplit("/", 1)[-1])))
        return self._run(self._store.read(queries.journey_view, path.rsplit("/", 1)[-1]))

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every journey of a project."""
        cursor = None
        while True:
            wanted = JourneyFilter(project=query["project"])
            page = self._run(self._store.read(queries.list_journeys, wanted, cursor=cursor, limit=_PAGE))
            yield from page.data
            cursor = page.next_cursor
            if cursor is None:
                return

    def upload(self, path: str, content: bytes, **query: Any) -> Any:
        """The outlook of the file, which the API has at hand."""
        return self._outlook

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        try:
            return asyncio.run_coroutine_threadsafe(work, self._loop).result()
        except JourneyError as error:
            raise _failure(error) from error


def _answer(answer: Answer) -> dict[str, Any]:
    return {"id": answer.id, "event": answer.event, "verdict": answer.verdict, "reason": answer.reason}


def _failure(error: JourneyError) -> Failure:
    status = {NotFound: ExitCode.NOT_FOUND, Conflict: ExitCode.CONFLICT}
    exit_code = next((code for kind, code in status.items() if isinstance(error, kind)), ExitCode.FAILED)
    errors = (
        [{"field": each.field, "text": each.text} for each in error.errors] if isinstance(error, InvalidInput) else []
    )
    failure = Failure(error.code, str(error) or error.code, exit_code=exit_code, errors=errors)
    if isinstance(error, Conflict):
        failure.problem = {"status": 409, "existing": error.existing}
    elif isinstance(error, StoreDown):
        failure.problem = {"status": 503}
    return failure
