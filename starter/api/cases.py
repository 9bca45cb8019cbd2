"""Cases: repairs and complaints as they stand. What happens in one is told to its journey as an event about it."""

from typing import Any, Literal

from fastapi import APIRouter

from journey.domain.case_values import CaseKind
from journey.store import case_queries
from journey.store.case_queries import CaseFilter
from starter.api.answers import ListOf
from starter.api.auth import Reader
from starter.api.case_answers import CaseShown
from starter.api.context import Parts
from starter.api.filters import known_places
from starter.api.language import Language
from starter.api.parameters import DEFAULT_LIMIT, Cursor, Filter, Id, Limit

router = APIRouter(prefix="/v1/cases", tags=["cases"])
State = Literal["open", "paused", "fixed", "disputed", "closed", "transferred"]


@router.get("", response_model=ListOf[CaseShown])
async def list_cases(
    caller: Reader,
    api: Parts,
    lang: Language,
    project: Filter = None,
    kind: CaseKind | None = None,
    state: State | None = None,
    journey: Filter = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Any:
    """Cases, the last reported first; the state `open` stands for every one that is not closed."""
    await known_places(api, project)
    wanted = CaseFilter(project, kind, state, journey)
    return (await api.store.read(case_queries.list_cases, wanted, lang, cursor=cursor, limit=limit)).document()


@router.get("/{case}", response_model=CaseShown)
async def get_case(case: Id, caller: Reader, api: Parts, lang: Language) -> Any:
    """One case: its clocks, the ladder as far as it was climbed, how often it came back."""
    return await api.store.read(case_queries.case_view, case, lang=lang)
