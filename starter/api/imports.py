"""Imports: a sales system's export, one row a home; a dry run says what would happen and commits nothing."""

import asyncio
from email.parser import BytesParser
from email.policy import HTTP
from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import AwareDatetime

from starter.api import bodies
from starter.api.answers import ImportReport
from starter.api.auth import Writer
from starter.api.context import Parts
from starter.api.language import Language
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import Filter
from starter.cli.output import Failure
from starter.importing import CheckedFile, ExportFile, Project, import_export
from starter.importing.foreseeing import Foresight, foresee
from starter.importing.loading import MOST_FORESEEN
from starter.importing.project import DEFAULT_PACK
from starter.importing.reading import UnreadableExport
from starter.importing.within import Within

router = APIRouter(prefix="/v1/imports", tags=["imports"])
LARGEST: Final = 16 * 1024 * 1024
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BYTES: Final = {"schema": {"type": "string", "format": "binary"}}
_FORM: Final = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
}
_BODY: Final = {
    "requestBody": {"required": True, "content": {"text/csv": _BYTES, XLSX: _BYTES, "multipart/form-data": _FORM}}
}


@router.post("", response_model=ImportReport, openapi_extra=_BODY)
async def load_export(
    request: Request,
    caller: Writer,
    api: Parts,
    lang: Language,
    once: OnlyOnce,
    project: Filter = None,
    name: Filter = None,
    city: Filter = None,
    pack: Filter = None,
    go_live_at: AwareDatetime | None = None,
    dry_run: Annotated[bool, Query(description="Only say what would happen.")] = False,
) -> Response:
    """Load a CSV or XLSX file (the body itself, or the part `file` of a form); the report names refused rows and why.

    With `name` and `city` the project is made when it is missing.
    """
    content, file = _file(request, await bodies.read_bytes(request, LARGEST))
    target = Project(project, name, city, pack or DEFAULT_PACK, go_live_at) if project else None

    async def load() -> Response:
        return answered(await _import(api, content, file, target, lang, dry_run=dry_run))

    return await once.run([request.url.query, file, sha256(content).hexdigest()], load)


async def _import(
    api: Parts, content: bytes, file: str, project: Project | None, lang: str, *, dry_run: bool
) -> dict[str, Any]:
    now = await api.clock.now()
    read = await asyncio.to_thread(CheckedFile.of, ExportFile(file, content), project, now)
    few = len(read.checked.homes) <= MOST_FORESEEN
    foreseen = await foresee(api.store, api.shelf, read.checked, project, now, lang) if few else Foresight()
    outlook = {"outlook": foreseen.projects, "errors": [each.document() for each in foreseen.errors]}
    within = Within(api.doors, api.store, asyncio.get_running_loop(), outlook)
    try:
        report = await asyncio.to_thread(import_export, read, within, project, dry_run=dry_run, now=now)
    except Failure as failure:
        raise failure.__cause__ or failure from None
    return report.document()


def _file(request: Request, body: bytes) -> tuple[bytes, str]:
    """The file's bytes and name: of a form its part `file`, else the body itself."""
    kind = request.headers.get("content-type", "text/csv")
    if not kind.lower().startswith("multipart/"):
        return body, "export"
    form = BytesParser(policy=HTTP).parsebytes(b"Content-Type: " + kind.encode("latin-1") + b"\r\n\r\n" + body)
    for part in form.iter_parts() if form.is_multipart() else ():
        if part.get_param("name", header="content-disposition") == "file":
            content = part.get_payload(decode=True)
            return (content if isinstance(content, bytes) else b""), part.get_filename() or "export"
    raise UnreadableExport("表单中没有 file / the form has no part named file")
