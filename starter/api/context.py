"""What every route works with: the store to read from, the doors to tell, packs, the clock, whether we are ready."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, TypeAlias

from fastapi import Depends, Request

from journey.domain.reasons import Reason
from journey.ports import Clock
from journey.settings import Settings
from journey.store.engine import Store
from journey.store.shelf import Shelf
from starter.hooks.signatures import Incoming, Query

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

    @property
    def zone(self) -> str | None:
        """The clocks on which instants in `reason` are told."""
        ...

    @property
    def also(self) -> "Sequence[Answer]":
        """What became of others beside it."""
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

    @property
    def warnings(self) -> Sequence[Reason]:
        """What of its owners was known otherwise, and what is kept."""
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

    async def wake_broadcasts(self, broadcasts: Iterable[str]) -> None:
        """Have broadcasts look at their rows at once."""
        ...

    async def tell_journey(self, journey: str, body: Any, received: Any = None) -> Answer:
        """Tell an event to a journey, named by its id or as PROJECT/UNIT; `received` is what it was made of."""
        ...

    async def tell_project(self, code: str, body: Any, received: Any = None) -> Answer:
        """Tell an event to a project; `received` is what it was made of."""
        ...

    async def claim_task(self, task_id: str, body: Any) -> Mapping[str, Any]:
        """Claim a task for somebody (`by`)."""
        ...

    async def try_text(self, test: str) -> None:
        """Have a test of a text sent."""
        ...

    async def task_result(self, task_id: str, body: Any, source: str) -> Answer:
        """Tell how a task went."""
        ...

    async def act(self, journey: str, action: str, body: Any, *, by: str, source: str) -> Acted:
        """Do an operator's action on a journey."""
        ...

    async def merge_persons(self, ref: str, body: Any, *, actor: str) -> str:
        """Make another ref an alias of this person."""
        ...

    async def receive(self, source: str, incoming: Incoming) -> Mapping[str, Any]:
        """Take a signed call of another system."""
        ...

    async def move_go_live(self, code: str, body: Any, *, by: str, source: str = "api") -> Acted:
        """Move the go-live of a project."""
        ...

    async def echo_hook(self, source: str, query: Query) -> str:
        """What a provider that tries its door wants to read back."""
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
