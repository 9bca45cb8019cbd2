"""A REST API in memory, as much as an import needs."""

from collections.abc import Iterator
from threading import Lock
from typing import Any

from journey.domain.project_facts import DATES
from starter.cli.output import ExitCode, Failure


class RecordingApi:
    """Keeps projects, journeys and events; refuses what is there already, as the real one does."""

    def __init__(self) -> None:
        self.projects: dict[str, Any] = {}
        self.journeys: dict[str, dict[str, Any]] = {}
        self.events: dict[tuple[str, str], Any] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self._lock = Lock()

    def post(self, path: str, body: Any) -> Any:
        with self._lock:
            if path == "/v1/projects":
                return self._create(body)
            if path == "/v1/journeys":
                return self._start(body)
            return self._tell(path.split("/")[3], body)

    def get(self, path: str) -> Any:
        if path.startswith("/v1/projects/"):
            return self._project(path.rsplit("/", 1)[-1])
        if path.startswith("/v1/batches/"):
            return {"dates": self.batches[path.split("/")[4]]}
        return self.journeys[path.split("/")[3]]

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        assert path == "/v1/journeys"
        for journey in self.journeys.values():
            if journey["project"] == query["project"]:
                yield journey

    def upload(self, path: str, content: bytes, **query: Any) -> Any:
        assert path == "/v1/imports"
        return {"outlook": [], "errors": []}

    def _project(self, code: str) -> Any:
        if code not in self.projects:
            failure = Failure("not-found", "no project", exit_code=ExitCode.NOT_FOUND)
            failure.problem = {"status": 404}
            raise failure
        return self.projects[code]

    def _create(self, body: Any) -> Any:
        if body["code"] in self.projects:
            raise conflict(body["code"])
        self.projects[body["code"]] = body
        return body

    def _start(self, body: Any) -> Any:
        id = f"jrn_{body['unit']}"
        if id in self.journeys:
            raise conflict(id)
        self.journeys[id] = {**body, "id": id}
        for fact in body["facts"]:
            self._tell(id, fact)
        return self.journeys[id]

    def _tell(self, target: str, event: Any) -> Any:
        known = self.events.setdefault((target, event["id"]), event)
        if known != event:
            raise conflict(None)
        if event["type"] == "batch.planned":
            told = {kept: event["data"].get(name) for name, kept in DATES.items()}
            self.batches[event["data"]["batch"]] = {kept: {"on": day} for kept, day in told.items() if day}
        return {"id": event["id"], "event": "evt_1", "verdict": "applied"}


def conflict(existing: str | None) -> Failure:
    failure = Failure("conflict", "there already", exit_code=ExitCode.CONFLICT)
    failure.problem = {"status": 409, "existing": existing}
    return failure
