"""Bodies: their size and syntax are checked here; fields and meaning are checked by the doors."""

from typing import Annotated, Any, Final

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import from_json

from journey.domain.json_checks import MAX_BYTES
from starter.api.errors import BadBody, BodyTooLarge, NotJson

# Read to its end a body gets its answer; cut off, its sender may see only a broken connection.
_DRAINED: Final = 4 * 1024 * 1024


class Told(BaseModel):
    """A body that keeps the fields nobody knows."""

    model_config = ConfigDict(extra="allow")


class NewEvent(Told):
    """A fact: see the list of types and their data."""

    id: Annotated[str, Field(description="The teller's own id: told twice, it changes nothing.", max_length=200)]
    type: str
    occurred_at: Annotated[str, Field(description="RFC 3339", json_schema_extra={"format": "date-time"})]
    data: dict[str, Any] = Field(default_factory=dict)
    source: Annotated[str | None, Field(max_length=200)] = None
    person: Annotated[str | None, Field(description="The owner's ref.")] = None
    about: Annotated[dict[str, Any] | None, Field(description="item, occurrence, case, task or message")] = None
    scope: Annotated[dict[str, str] | None, Field(description="Project events: building, batch or phase.")] = None


class TaskResult(Told):
    """The data of `call.result`, `visit.recorded`, else `task.result`, as the kind of the task has it."""

    outcome: str | None = None
    reached: bool | None = None
    at: Annotated[str | None, Field(json_schema_extra={"format": "date-time"})] = None
    by: str | None = None
    notes: str | None = None
    units: Annotated[list[str] | None, Field(description="Of a call about several homes: those that it is of.")] = None


async def read_json(request: Request, most: int = MAX_BYTES) -> Any:
    """The JSON value of a body; raises BodyTooLarge above `most`, NotJson, and BadBody naming the position."""
    raw = await read_bytes(request, most)
    media = request.headers.get("content-type", "application/json").split(";")[0].strip().lower()
    if media != "application/json" and not media.endswith("+json"):
        raise NotJson
    try:
        return from_json(raw, allow_inf_nan=False)
    except ValueError as error:
        raise BadBody(f"内容不是 JSON:{error}", f"The body is not JSON: {error}") from None


async def read_bytes(request: Request, most: int = MAX_BYTES) -> bytes:
    """The bytes of a body; raises BodyTooLarge above `most`."""
    announced = request.headers.get("content-length", "")
    drained = max(most, _DRAINED)
    size = 0
    kept: list[bytes] = []
    if not (announced.isdecimal() and int(announced) > drained):
        async for chunk in request.stream():
            size += len(chunk)
            if size <= most:
                kept.append(chunk)
            elif size > drained:
                break
        if size <= most:
            return b"".join(kept)
    raise BodyTooLarge(most)


def documented(model: type[BaseModel]) -> dict[str, Any]:
    """What a route says of its body in OpenAPI."""
    schema = {"$ref": f"#/components/schemas/{model.__name__}"}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
