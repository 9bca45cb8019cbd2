"""Events by our id."""

from typing import Any

from fastapi import APIRouter

from journey.store import work_queries
from starter.api.answers import EventShown
from starter.api.auth import Reader
from starter.api.context import Parts
from starter.api.language import Language
from starter.api.parameters import Id

router = APIRouter(prefix="/v1/events", tags=["events"])


@router.get("/{event}", response_model=EventShown)
async def get_event(event: Id, caller: Reader, api: Parts, lang: Language) -> Any:
    """One event without its data: whose it is, and what became of it."""
    return await api.store.read(work_queries.event_view, event, lang)
