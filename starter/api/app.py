"""Puts the REST API together."""

from typing import Final

from fastapi import Depends, FastAPI

from journey.ports import Clock, SystemClock
from journey.settings import Settings
from journey.store.engine import Store
from journey.store.shelf import Shelf
from starter.api import (
    actions,
    batches,
    broadcasts,
    cases,
    docs,
    errors,
    events,
    evidence,
    health,
    hooks,
    imports,
    journeys,
    letters,
    library,
    messages,
    people,
    policies,
    projects,
    shared,
    tasks,
    templates,
)
from starter.api.context import Api, Doors, Readiness
from starter.api.frame import Frame, HttpMetrics
from starter.api.gauges import StoreGauges
from starter.api.parameters import known_only

_ABOUT: Final = """业主旅程引擎的接口:项目、旅程、事实、任务、消息。

Facts are told as events; whatever the engine does follows from them. Errors are `application/problem+json` with a
stable `code`; lists are `{"data": [], "next_cursor": null}`; a POST with an `Idempotency-Key` is done once.
"""

ROUTES = (
    projects, batches, shared, imports, actions, journeys, people, cases, broadcasts, letters, evidence, tasks, events,
    messages, hooks, policies, templates, library, health,
)  # fmt: skip


def create_app(
    store: Store,
    doors: Doors,
    settings: Settings,
    readiness: Readiness,
    *,
    shelf: Shelf,
    clock: Clock | None = None,
) -> FastAPI:
    """The API over a store to read and doors to tell.

    `shelf` holds the packs that previews plan with. `readiness` names the other parts that are needed, each with `ok`
    or what is wrong. `clock` is the time that keys and kept answers go by; it stays the machine's while business runs
    on another one.
    """
    app = FastAPI(
        title="Owner Journey 业主旅程",
        version=settings.build,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        # The framework's own traces and logs would carry what owners told us.
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},
    )
    metrics = HttpMetrics()
    app.state.api = Api(store, doors, settings, readiness, shelf, clock or SystemClock())
    app.state.metrics = metrics
    app.state.gauges = StoreGauges(store, app.state.api.clock, metrics.registry)
    app.add_middleware(Frame, metrics=metrics)
    errors.install(app)
    for module in ROUTES:
        app.include_router(module.router, dependencies=[Depends(known_only)])
    docs.install(app)
    return app
