"""What was sent to owners, or kept from them, and why."""

from typing import Any

from fastapi import APIRouter

from journey.store import work_queries
from starter.api.answers import ListOf, MessageShown
from starter.api.auth import Reader
from starter.api.context import Parts
from starter.api.language import Language
from starter.api.parameters import DEFAULT_LIMIT, Cursor, Filter, Limit

router = APIRouter(prefix="/v1/messages", tags=["messages"])


@router.get("", response_model=ListOf[MessageShown])
async def list_messages(
    caller: Reader,
    api: Parts,
    lang: Language,
    journey: Filter = None,
    state: Filter = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:
    """Messages, the latest first, without addresses and texts."""
    page = await api.store.read(
        work_queries.list_messages, journey=journey, state=state, lang=lang, cursor=cursor, limit=limit
    )
    return page.document()
