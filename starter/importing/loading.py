"""From homes to journeys: each row is told through the REST API, a few at a time, and may be told again."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, Protocol

from starter.cli.output import ExitCode, Failure
from starter.importing.batches import planned_batches
from starter.importing.checking import Home, Remark, check_sheet
from starter.importing.project import Project
from starter.importing.reading import UnreadableExport, read_sheet
from starter.importing.reporting import write_errors

CHINA: Final = timezone(timedelta(hours=8))
_AT_ONCE: Final = 4
_TRIES: Final = 4
_PAUSE: Final = 0.5  # seconds, doubled from try to try
_TRY_AGAIN: Final = frozenset({429, 502, 503, 504})
Progress = Callable[[int, int], None]


class Api(Protocol):
    """As much of the REST API as an import needs; refusals are raised as Failure."""

    def post(self, path: str, body: Any) -> Any:
        """Send a body and return the answer's."""

    def get(self, path: str) -> Any:
        """Return the body of a page."""

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Yield every row of a list."""

    def upload(self, path: str, content: bytes, **query: Any) -> Any:
        """Send a file and return the answer's body."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one row: started, told (the home was there), or failed; in a dry run what would."""

    row: int
    unit: str
    action: str
    facts: int
    journey: str | None = None
    error: Remark | None = None


@dataclass(slots=True)
class Report:
    """What an import did, row by row."""

    file: str
    dry_run: bool
    outcomes: list[Outcome] = field(default_factory=list)
    errors: list[Remark] = field(default_factory=list)
    warnings: list[Remark] = field(default_factory=list)
    ignored: tuple[str, ...] = ()
    batches: int = 0
    errors_file: Path | None = None
    outlook: list[dict[str, Any]] = field(default_factory=list)

    @property
    def started(self) -> int:
        """How many journeys were (or would be) started."""
        return sum(each.action == "started" for each in self.outcomes)

    @property
    def failed(self) -> list[int]:
        """The numbers of the rows that could not be told."""
        return sorted({error.row for error in self.errors if error.row})

    def document(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            "file": self.file,
            "dry_run": self.dry_run,
            "rows": len({each.row for each in self.outcomes} | set(self.failed)),
            "started": self.started,
            "told": sum(each.action == "told" for each in self.outcomes),
            "failed": len(self.failed),
            "batches": self.batches,
            "errors": [remark_document(each) for each in self.errors],
            "warnings": [remark_document(each) for each in self.warnings],
            "ignored_columns": list(self.ignored),
            "errors_file": str(self.errors_file) if self.errors_file else None,
            "outlook": self.outlook,
            "outcomes": [
                {
                    "row": each.row,
                    "unit": each.unit,
                    "action": each.action,
                    "facts": each.facts,
                    "journey": each.journey,
                }
                for each in self.outcomes
            ],
        }


def import_file(
    path: Path,
    api: Api,
    project: Project | None = None,
    *,
    dry_run: bool = False,
    errors_file: Path | None = None,
    progress: Progress = lambda done, of: None,
    now: datetime | None = None,
    outlook: bool = True,
) -> Report:
    """Load the export in a file; UnreadableExport when it cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise UnreadableExport(f"读不了 {path} / cannot read {path}: {error.strerror}") from error
    return import_content(
        content,
        path.name,
        api,
        project,
        dry_run=dry_run,
        errors_file=errors_file,
        progress=progress,
        now=now,
        outlook=outlook,
    )


def import_content(
    content: bytes,
    name: str,
    api: Api,
    project: Project | None = None,
    *,
    dry_run: bool = False,
    errors_file: Path | None = None,
    progress: Progress = lambda done, of: None,
    now: datetime | None = None,
    outlook: bool = True,
) -> Report:
    """Load an export; UnreadableExport for one that cannot be read, Failure when the API as a whole refuses.

    Rows that cannot be told are in the report and, with their cells, in `errors_file`. With `outlook` the report says
    what will be missed and what will leave, foreseen before anything is told.
    """
    instant = now or datetime.now(UTC)
    sheet = read_sheet(content)
    checked = check_sheet(sheet, project=project.code if project else None, today=instant.astimezone(CHINA).date())
    report = Report(name, dry_run, errors=checked.errors, warnings=checked.warnings, ignored=sheet.ignored)
    batches = planned_batches(checked.homes, instant.isoformat(timespec="seconds"))
    report.batches = len(batches)
    if outlook and checked.homes:
        _foresee(api, content, project, report)
    if dry_run:
        report.outcomes = _foreseen(api, checked.homes)
        return report
    if project and project.name and project.city:
        _ensure(api, project)
    for code, event in batches:
        _tell_batch(api, code, event, report)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done, outcome in enumerate(pool.map(lambda home: _load(api, home), checked.homes), start=1):
            report.outcomes.append(outcome)
            if outcome.error:
                report.errors.append(outcome.error)
            progress(done, len(checked.homes))
    report.errors.sort(key=lambda error: error.row)
    if errors_file and report.failed:
        report.errors_file = write_errors(errors_file, sheet, report.errors)
    return report


def _ensure(api: Api, project: Project) -> None:
    body = {"code": project.code, "name": project.name, "city": project.city, "pack": project.pack}
    body |= {"go_live_at": project.go_live_at.isoformat()} if project.go_live_at else {}
    try:
        api.post("/v1/projects", body)
    except Failure as failure:
        if failure.exit_code != ExitCode.CONFLICT:
            raise


def _tell_batch(api: Api, project: str, event: Mapping[str, Any], report: Report) -> None:
    try:
        _patiently(lambda: api.post(f"/v1/projects/{project}/events", event))
    except Failure as failure:
        # The id holds a digest of the dates: a conflict means that just this was told before.
        if failure.exit_code == ExitCode.NOT_FOUND:
            raise
        if failure.exit_code != ExitCode.CONFLICT:
            report.errors.append(_refused(0, str(event["data"]["batch"]), failure))


def _load(api: Api, home: Home) -> Outcome:
    body = {"project": home.project, "unit": home.unit, "building": home.building, "owners": home.owners}
    body |= {"facts": home.facts}
    try:
        answer = _patiently(lambda: api.post("/v1/journeys", body))
        return Outcome(home.row, home.unit, "started", len(home.facts), answer.get("id"))
    except Failure as failure:
        there = failure.problem.get("existing")
        if failure.exit_code != ExitCode.CONFLICT or not there:
            return Outcome(home.row, home.unit, "failed", 0, error=_refused(home.row, home.unit, failure))
    return _tell(api, home, str(there))


def _tell(api: Api, home: Home, journey: str) -> Outcome:
    try:
        _same_owner(api, home, journey)
        for fact in home.facts:
            _tell_fact(api, journey, fact)
    except Failure as failure:
        return Outcome(home.row, home.unit, "failed", 0, journey, _refused(home.row, home.unit, failure))
    return Outcome(home.row, home.unit, "told", len(home.facts), journey)


def _same_owner(api: Api, home: Home, journey: str) -> None:
    """Raise Failure when the home is somebody else's: facts of one sale must not be told to another."""
    there = {str(owner["ref"]) for owner in api.get(f"/v1/journeys/{journey}").get("owners", ())}
    if there and there.isdisjoint(str(owner["ref"]) for owner in home.owners):
        raise Failure(
            "other-owner", f"已是其他业主的房屋 / is the home of another owner ({journey})", exit_code=ExitCode.CONFLICT
        )


def _tell_fact(api: Api, journey: str, fact: Mapping[str, Any]) -> None:
    answer = _patiently(lambda: api.post(f"/v1/journeys/{journey}/events", fact))
    if answer.get("verdict") == "refused":
        reason = answer.get("reason") or {}
        raise Failure(reason.get("code") or "refused", f"{fact['type']}: {reason.get('text') or 'refused'}")


def _patiently(call: Callable[[], Any]) -> Any:
    """Call again, with growing pauses, while the API is away or asks for patience."""
    for attempt in range(1, _TRIES):
        try:
            return call()
        except Failure as failure:
            if failure.code != "unreachable" and failure.problem.get("status") not in _TRY_AGAIN:
                raise
        time.sleep(_PAUSE * 2**attempt)
    return call()


def _foresee(api: Api, content: bytes, project: Project | None, report: Report) -> None:
    """Ask for the outlook of the whole file; rows that only a door would refuse are errors of a dry run already."""
    query = (
        {"project": project.code, "name": project.name, "city": project.city, "pack": project.pack} if project else {}
    )
    if project and project.go_live_at:
        query["go_live_at"] = project.go_live_at.isoformat()
    foreseen = _patiently(lambda: api.upload("/v1/imports", content, dry_run="true", **query))
    report.outlook = foreseen["outlook"]
    if report.dry_run:
        known = {(each.row, each.rule) for each in report.errors}
        report.errors += [
            Remark(each["row"], each["column"], each["rule"], each["words_zh"], each["words"])
            for each in foreseen["errors"]
            if (each["row"], each["rule"]) not in known
        ]


def _foreseen(api: Api, homes: list[Home]) -> list[Outcome]:
    known: dict[str, dict[str, str]] = {}
    for code in {home.project for home in homes}:
        known[code] = {str(row["unit"]): str(row["id"]) for row in api.pages("/v1/journeys", project=code)}
    return [
        Outcome(home.row, home.unit, "told" if there else "started", len(home.facts), there)
        for home in homes
        for there in [known[home.project].get(home.unit)]
    ]


def _refused(row: int, column: str, failure: Failure) -> Remark:
    words = "; ".join(str(each.get("text", each)) for each in failure.errors if isinstance(each, dict)) or failure.text
    return Remark(row, column, failure.code, words, words)


def remark_document(remark: Remark) -> dict[str, Any]:
    """As a report has it."""
    return {
        "row": remark.row,
        "column": remark.column,
        "rule": remark.rule,
        "text": remark.line("en"),
        "text_zh": remark.line("zh"),
        "words": remark.text,
        "words_zh": remark.text_zh,
    }
