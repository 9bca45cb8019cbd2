"""Signed callbacks of other systems: what providers tell of messages. No API key; the signature says who calls."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from starter.api import bodies
from starter.api.context import Parts
from starter.api.message_answers import HookAnswer
from starter.api.parameters import Id
from starter.hooks.signatures import Incoming
from starter.hooks.signatures import Query as Told

router = APIRouter(prefix="/v1/hooks", tags=["hooks"])
MOST: Final = 1024 * 1024  # bytes: a provider gathers what it reports
Token = Annotated[str | None, Query(max_length=200, description="For a provider that cannot sign: its secret.")]
OfWechat = Annotated[str | None, Query(max_length=200, description="What WeChat adds to the address.")]
_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            media: {"schema": {}}
            for media in ("application/json", "application/x-www-form-urlencoded", "text/xml", "message/rfc822")
        },
    }
}


@router.post("/{source}", status_code=202, response_model=HookAnswer, openapi_extra=_BODY)
async def receive(
    source: Id,
    request: Request,
    api: Parts,
    token: Token = None,
    signature: OfWechat = None,
    timestamp: OfWechat = None,
    nonce: OfWechat = None,
    openid: OfWechat = None,
    encrypt_type: OfWechat = None,
    msg_signature: OfWechat = None,
) -> Any:
    """Take what a source tells, once; whatever it says of messages that nobody knows is kept too."""
    body = await bodies.read_bytes(request, MOST)
    headers = {name.lower(): value for name, value in request.headers.items()}
    answer = dict(await api.doors.receive(source, Incoming(headers, body, Told(token, signature, timestamp, nonce))))
    plain = answer.pop("plain", None)
    return JSONResponse(answer, 202) if plain is None else PlainTextResponse(plain)


@router.get("/{source}", response_class=PlainTextResponse)
async def try_door(
    source: Id,
    api: Parts,
    echostr: OfWechat = None,
    signature: OfWechat = None,
    timestamp: OfWechat = None,
    nonce: OfWechat = None,
) -> PlainTextResponse:
    """WeChat tries a door before it uses it, and wants its own word back."""
    return PlainTextResponse(await api.doors.echo_hook(source, Told(None, signature, timestamp, nonce, echostr)))
