"""What every route works with: the store to read from, the doors to tell, packs, the clock, whether we are ready."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, TypeAlias

from fastapi import Depends, Request

from journey.ports import Clock
from journey.settings import Settings
from journey.store.engine import Store
from journey.store.shelf import Shelf

OK = "ok"
# Each part by name, with `ok` or what is wrong with it in words.
Readiness: TypeAlias = Callable[[], Awaitable[Mapping[str, str]]]


class Answer(Protocol):
    """What became of a told event."""

    @property
    def id(self) -> str:
        """The teller's id."""
        ...

    @property
    def event(self) -> str:
        """Our id."""
        ...

    @property
    def verdict(self) -> str:
        """`applied`, `parked`, `refused` or `taken`."""
        ...

    @property
    def reason(self) -> Mapping[str, Any] | None:
        """`code`, `params` and `text`."""
        ...


class Started(Protocol):
    """A journey that began."""

    @property
    def journey(self) -> Mapping[str, Any]:
        """The journey, flat."""
        ...

    @property
    def events(self) -> Sequence[Answer]:
        """What became of the facts that it was started with."""
        ...


class Acted(Protocol):
    """What an operator's action did."""

    @property
    def answer(self) -> Answer:
        """What became of its event."""
        ...

    @property
    def also(self) -> Sequence[Answer]:
        """Further events that it took."""
        ...

    @property
    def journey(self) -> str:
        """The journey's id."""
        ...

    @property
    def key(self) -> str | None:
        """The item concerned."""
        ...

    @property
    def closes(self) -> Sequence[str]:
        """Keys of the open work that it closes."""
        ...


class Doors(Protocol):
    """The only way anything changes (`starter.doors`); every method raises errors of the business."""

    async def create_project(self, body: Any) -> Mapping[str, Any]:
        """Make a project."""
        ...

    async def start_journey(self, body: Any) -> Started:
        """Start a journey."""
        ...

    async def tell_journey(self, journey: str, body: Any) -> Answer:
        """Tell an event to a journey, named by its id or as PROJECT/UNIT."""
        ...

    async def tell_project(self, code: str, body: Any) -> Answer:
        """Tell an event to a project."""
        ...

    async def claim_task(self, task_id: str, body: Any) -> Mapping[str, Any]:
        """Claim a task for somebody (`by`)."""
        ...

    async def task_result(self, task_id: str, body: Any, source: str) -> Answer:
        """Tell how a task went."""
        ...

    async def act(self, journey: str, action: str, body: Any, *, by: str, source: str) -> Acted:
        """Do an operator's action on a journey."""
        ...

    async def assign_task(self, task_id: str, body: Any, *, by: str, source: str) -> Acted:
        """Give a task to another post or colleague."""
        ...


@dataclass(frozen=True, slots=True)
class Api:
    """The parts of one running API."""

    store: Store
    doors: Doors
    settings: Settings
    readiness: Readiness
    shelf: Shelf
    clock: Clock


def _api(request: Request) -> Api:
    api: Api = request.app.state.api
    return api


Parts = Annotated[Api, Depends(_api)]
