"""From homes to journeys: each row is told through the REST API, a few at a time, and may be told again."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol, Self
from urllib.parse import quote

from journey.domain.project_facts import DATES
from starter.cli.output import ExitCode, Failure, writing
from starter.importing.batches import planned_batches
from starter.importing.checking import Checked, Home, check_export
from starter.importing.headings import HEADINGS
from starter.importing.outcome import Outcome, Report
from starter.importing.project import Project, leave_out
from starter.importing.reading import Export, UnreadableExport, read_export
from starter.importing.remarks import Place, Remark, remark
from starter.importing.reporting import write_errors

CHINA: Final = timezone(timedelta(hours=8))
_AT_ONCE: Final = 4
_TRIES: Final = 4
_PAUSE: Final = 0.5  # seconds, doubled from try to try
MOST_FORESEEN: Final = 5000  # homes of one import whose outlook is planned first
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
class ExportFile:
    """A file to be imported: its name, for the report, and its bytes."""

    name: str
    content: bytes

    @classmethod
    def read(cls, path: Path) -> Self:
        """The file at a path; UnreadableExport when it cannot be read."""
        try:
            return cls(path.name, path.read_bytes())
        except OSError as error:
            raise UnreadableExport(f"读不了 {path} / cannot read {path}: {error.strerror}") from error


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file that was read, with its homes and what is wrong with its other rows; one import only, which adds to it."""

    name: str
    content: bytes
    export: Export
    checked: Checked

    @classmethod
    def of(cls, file: ExportFile, project: Project | None, now: datetime) -> Self:
        """Read and check a file as of an instant; UnreadableExport."""
        export, today = read_export(file.content), now.astimezone(CHINA).date()
        return cls(file.name, file.content, export, check_export(export, project=_code(project), today=today))


def _code(project: Project | None) -> str | None:
    return project.code if project else None


def import_export(
    file: ExportFile | CheckedFile,
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
    read = file if isinstance(file, CheckedFile) else CheckedFile.of(file, project, instant)
    export, checked = read.export, read.checked
    _refuse_unknown(api, checked, project)
    report = Report(file.name, dry_run, errors=checked.errors, warnings=checked.warnings)
    report.ignored, report.never, report.skipped = export.ignored, export.never, export.skipped
    batches = planned_batches(checked.homes, instant.isoformat(timespec="seconds"))
    report.batches = len(batches.planned)
    report.errors += batches.errors
    if outlook and 0 < len(checked.homes) <= MOST_FORESEEN:
        _foresee(api, file.content, project, report)
    if dry_run:
        report.outcomes = _foreseen(api, checked.homes)
    else:
        _tell_all(api, checked.homes, project, batches.planned, report, progress)
    report.errors.sort(key=lambda error: (error.sheet, error.row))
    if errors_file and report.failed and not dry_run:
        with writing(errors_file):
            report.errors_file = write_errors(errors_file, export, report.errors)
    return report


def _tell_all(
    api: Api,
    homes: list[Home],
    project: Project | None,
    batches: list[tuple[str, Mapping[str, Any]]],
    report: Report,
    progress: Progress,
) -> None:
    """The project when it is missing, then the batches, then the homes."""
    if project and project.is_made:
        _ensure(api, project)
    for code, event in batches:
        _tell_batch(api, code, event, report)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for done, outcome in enumerate(pool.map(lambda home: _load(api, home), homes), start=1):
            report.outcomes.append(outcome)
            if outcome.error:
                report.errors.append(outcome.error)
            progress(done, len(homes))


def _refuse_unknown(api: Api, checked: Checked, project: Project | None) -> None:
    """Leave out rows of projects that nobody made; Failure when no other row is left, or the named project is one."""
    unknown: dict[str, Failure] = {}
    for code in sorted({home.project for home in checked.homes}):
        try:
            there = _patiently(partial(api.get, f"/v1/projects/{quote(code, safe='')}"))
        except Failure as failure:
            if failure.exit_code != ExitCode.NOT_FOUND:
                raise
            if not (project and project.code == code and project.is_made):
                unknown[code] = failure
        else:
            if project and project.code == code:
                _same_go_live(there, project)
    if unknown and all(home.project in unknown for home in checked.homes):
        raise Failure(
            "unknown-project",
            f"没有项目 {'、'.join(unknown)},请先新建,或用 --create-project / "
            f"there is no project {', '.join(unknown)}: create it first, or say --create-project",
            exit_code=ExitCode.NOT_FOUND,
        ) from next(iter(unknown.values()))
    leave_out(checked, unknown)


def _same_go_live(there: Mapping[str, Any], project: Project) -> None:
    """Failure when the project has another go-live: an import moves none, as what was missed by it is history."""
    set_to = there.get("go_live_at")
    if project.go_live_at is None or (set_to and datetime.fromisoformat(str(set_to)) == project.go_live_at):
        return
    raise Failure(
        "go-live-set",
        f"项目 {project.code} 的上线时刻已定为 {set_to or '未设'},如须变更:journey project go-live / "
        f"the go-live of project {project.code} is set ({set_to or 'none'}); move it by `journey project go-live`",
        exit_code=ExitCode.CONFLICT,
    )


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
        if failure.exit_code == ExitCode.NOT_FOUND:
            raise
        if failure.exit_code != ExitCode.CONFLICT:
            report.errors.append(_refused(Place(0), str(event["data"]["batch"]), failure))
        else:
            # The id holds a digest of the dates: just this was told before, and may have been changed since.
            report.warnings += _stands_otherwise(api, project, event["data"])


def _stands_otherwise(api: Api, project: str, told: Mapping[str, Any]) -> list[Remark]:
    """A remark when a batch has other dates than those told before."""
    code = str(told["batch"])
    path = f"/v1/batches/{quote(project, safe='')}/{quote(code, safe='')}"
    dates = _patiently(lambda: api.get(path))["dates"]
    there = {name: dates[kept]["on"] if kept in dates else "—" for name, kept in DATES.items() if name in told}
    other = {name: day for name, day in there.items() if day != told[name]}
    if not other:
        return []
    column, said = HEADINGS["batch"][0], _days({name: told[name] for name in other})
    return [remark(Place(0), column, "batch-stands-otherwise", batch=code, there=_days(other), told=said)]


def _days(dates: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {day}" for name, day in dates.items())


def _load(api: Api, home: Home) -> Outcome:
    body = {"project": home.project, "unit": home.unit, "building": home.building, "owners": home.owners}
    body |= {"facts": home.facts}
    try:
        answer = _patiently(lambda: api.post("/v1/journeys", body))
        return Outcome(home.place, home.unit, "started", len(home.facts), answer.get("id"))
    except Failure as failure:
        there = failure.problem.get("existing")
        if failure.exit_code != ExitCode.CONFLICT or not there:
            return Outcome(home.place, home.unit, "failed", 0, error=_refused(home.place, home.unit, failure))
    return _tell(api, home, str(there))


def _tell(api: Api, home: Home, journey: str) -> Outcome:
    try:
        _same_owner(api, home, journey)
        for fact in home.facts:
            _tell_fact(api, journey, fact)
    except Failure as failure:
        return Outcome(home.place, home.unit, "failed", 0, journey, _refused(home.place, home.unit, failure))
    return Outcome(home.place, home.unit, "told", len(home.facts), journey)


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
    report.outlook, report.foreseen = foreseen["outlook"], True
    if report.dry_run:
        known = {(each.sheet, each.row, each.rule) for each in report.errors}
        report.errors += [
            Remark(each["row"], each["column"], each["rule"], each["words_zh"], each["words"], each.get("sheet", ""))
            for each in foreseen["errors"]
            if (each.get("sheet", ""), each["row"], each["rule"]) not in known
        ]


def _foreseen(api: Api, homes: list[Home]) -> list[Outcome]:
    known: dict[str, dict[str, str]] = {}
    for code in {home.project for home in homes}:
        known[code] = {str(row["unit"]): str(row["id"]) for row in api.pages("/v1/journeys", project=code)}
    return [
        Outcome(home.place, home.unit, "told" if there else "started", len(home.facts), there)
        for home in homes
        for there in [known[home.project].get(home.unit)]
    ]


def _refused(place: Place, column: str, failure: Failure) -> Remark:
    words = "; ".join(str(each.get("text", each)) for each in failure.errors if isinstance(each, dict)) or failure.text
    return Remark(place.row, column, failure.code, words, words, place.sheet)
