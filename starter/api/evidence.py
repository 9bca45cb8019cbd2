"""Evidence: scans and photos, kept under the hash of their content."""

import asyncio
from hashlib import sha256
from typing import Final

from fastapi import APIRouter, Request, Response

from journey.domain.errors import InvalidInput, field_error
from journey.printing import PICTURES, EvidenceFolder, media_type
from journey.store import audit, keys
from starter import letters as service
from starter.api import bodies
from starter.api.auth import Reader, Writer, require
from starter.api.context import Parts
from starter.api.imports import LARGEST
from starter.api.letter_answers import EvidenceKept
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import Id

router = APIRouter(prefix="/v1/evidence", tags=["evidence"])
_ANY: Final = {"schema": {"type": "string", "format": "binary"}}
_PICTURE: Final = {"requestBody": {"required": True, "content": {"application/octet-stream": _ANY}}}


@router.post("", response_model=EvidenceKept, status_code=201, openapi_extra=_PICTURE)
async def keep_evidence(request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """Take a scan or photo (PDF, JPEG, PNG, WebP, HEIC); the same content again is the same file."""
    content = await bodies.read_bytes(request, LARGEST)

    async def keep() -> Response:
        kind = media_type(content)
        if kind not in PICTURES:
            raise InvalidInput((field_error("", "unknown-value", allowed=", ".join(sorted(PICTURES))),))
        digest = await asyncio.to_thread(EvidenceFolder(api.settings.evidence_folder).keep, content)
        detail = {"media_type": kind, "bytes": len(content)}
        await api.store.write(audit.append, await api.clock.now(), caller.id, "evidence.kept", digest, detail)
        return answered({"hash": digest, **detail}, 201)

    return await once.run(sha256(content).hexdigest(), keep)


@router.get("/{digest}", response_class=Response, responses={200: {"content": {"application/octet-stream": _ANY}}})
async def get_evidence(digest: Id, caller: Reader, api: Parts) -> Response:
    """A file by its hash; needs the scope `pii:read`, and is audited."""
    require(caller, keys.PII)
    content = await service.evidence(api.store, api.settings, digest, await api.clock.now(), caller)
    return Response(content, media_type=media_type(content) or "application/octet-stream")
