"""Letters: printed ones, print runs and their files, and what comes back from the post."""

from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from journey.store import keys, letter_runs
from journey.store.letter_runs import LetterFilter
from starter import letters as service
from starter.api import bodies
from starter.api.answers import ListOf
from starter.api.auth import Reader, Writer, require
from starter.api.context import Api, Parts
from starter.api.filters import known_places
from starter.api.imports import LARGEST, XLSX
from starter.api.language import Language
from starter.api.letter_answers import LetterRow, ProofAnswer, RunRow, RunShown, TrackingAnswer
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import DEFAULT_LIMIT, Cursor, Filter, Id, Limit, one_of
from starter.letters import RunBody

router = APIRouter(prefix="/v1/letters", tags=["letters"])
PDF: Final = "application/pdf"
CSV: Final = "text/csv; charset=utf-8"
_FILE: Final = {"schema": {"type": "string", "format": "binary"}}
_TABLE: Final = {"requestBody": {"required": True, "content": {"text/csv": _FILE, XLSX: _FILE}}}


@router.get("", response_model=ListOf[LetterRow])
async def list_letters(
    caller: Reader, api: Parts, lang: Language, project: Filter = None, batch: Filter = None, run: Filter = None,
    state: Annotated[str | None, Query(max_length=20, description="ems, signed, courier, returned, or open")] = None,
    limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None,
) -> Any:  # fmt: skip
    """Printed letters, without names and addresses."""
    await known_places(api, project, batch)
    if run is not None:
        await api.store.read(letter_runs.run_row, run)
    wanted = LetterFilter(project, batch, run, one_of("state", state, letter_runs.STATES))
    return (await api.store.read(letter_runs.list_letters, wanted, lang, cursor=cursor, limit=limit)).document()


@router.get("/runs", response_model=ListOf[RunRow])
async def list_runs(
    caller: Reader, api: Parts, project: Filter = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Any:
    """Print runs, the latest first."""
    await known_places(api, project)
    return (await api.store.read(letter_runs.list_runs, project=project, cursor=cursor, limit=limit)).document()


@router.post(
    "/runs", response_model=RunShown, status_code=201, responses={200: {"model": RunShown}},
    openapi_extra=bodies.documented(RunBody),
)  # fmt: skip
async def start_run(request: Request, caller: Writer, api: Parts, lang: Language, once: OnlyOnce) -> Response:
    """Print every letter that waits, once; 201, or 200 with no id when there was none to print."""
    body = await bodies.read_json(request)

    async def go() -> Response:
        now = await api.clock.now()
        made = await service.run(api.store, api.shelf, api.settings, body, now, caller, lang)
        return answered(made, 201 if made["id"] else 200)

    return await once.run(body, go)


@router.get("/runs/{run}", response_model=RunShown)
async def get_run(run: Id, caller: Reader, api: Parts, lang: Language) -> Any:
    """One print run: its letters by outcome, and those that are missing."""
    return await api.store.read(letter_runs.run_view, run, lang)


@router.get("/runs/{run}/pdf", response_class=Response, responses={200: {"content": {PDF: _FILE}}})
async def run_pdf(run: Id, caller: Reader, api: Parts) -> Response:
    """The letters of a run in one PDF; needs the scope `pii:read`, and is audited."""
    return await _handed_out(api, run, "pdf", PDF, caller)


@router.get("/runs/{run}/addresses.xlsx", response_class=Response, responses={200: {"content": {XLSX: _FILE}}})
async def run_workbook(run: Id, caller: Reader, api: Parts) -> Response:
    """The list for the post as a workbook; likewise."""
    return await _handed_out(api, run, "xlsx", XLSX, caller)


@router.get("/runs/{run}/addresses.csv", response_class=Response, responses={200: {"content": {"text/csv": _FILE}}})
async def run_csv(run: Id, caller: Reader, api: Parts) -> Response:
    """The list for the post as CSV; likewise."""
    return await _handed_out(api, run, "csv", CSV, caller)


@router.post("/runs/{run}/tracking", response_model=TrackingAnswer, openapi_extra=_TABLE)
async def track_run(
    run: Id, request: Request, caller: Writer, api: Parts, once: OnlyOnce,
    replace: Annotated[bool, Query(description="Let a number take the place of another one.")] = False,
) -> Response:  # fmt: skip
    """The numbers of the post by file (CSV or XLSX): all of them, or none when a row is at fault."""
    content = await bodies.read_bytes(request, LARGEST)

    async def write() -> Response:
        now = await api.clock.now()
        return answered(await service.track(api.store, run, content, now, caller, replace=replace))

    return await once.run([replace, sha256(content).hexdigest()], write)


@router.post("/runs/{run}/proofs", response_model=ProofAnswer, openapi_extra=_TABLE)
async def prove_run(run: Id, request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """How letters ended, by file (CSV or XLSX); each row becomes a fact. Scans are named by their hash."""
    content = await bodies.read_bytes(request, LARGEST)

    async def tell() -> Response:
        now = await api.clock.now()
        return answered(await service.prove(api.store, api.settings, api.doors, run, content, now, caller))

    return await once.run(sha256(content).hexdigest(), tell)


@router.get("/{reference}", response_model=LetterRow)
async def get_letter(reference: Id, caller: Reader, api: Parts, lang: Language) -> Any:
    """One letter by the reference that stands on it."""
    return await api.store.read(letter_runs.letter_view, reference, lang)


async def _handed_out(api: Api, run: str, kind: str, media: str, caller: keys.ApiKey) -> Response:
    require(caller, keys.PII)
    content = await service.file_of(api.store, api.settings, run, kind, await api.clock.now(), caller)
    name = f"{run}.{kind}"
    return Response(content, media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})
