"""`journey worker` and `journey api`: one process of an installation that runs several."""

import asyncio
from typing import Annotated, Any

import typer


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("worker")(worker)
    app.command("api")(api)


def worker() -> None:
    """运行工作进程 / run a worker until it is stopped."""
    from journey.observability import configure
    from journey.settings import Settings
    from starter.processes import die_with_parent, leave, run_until_signalled

    settings = Settings()
    configure(settings)
    die_with_parent()
    run_until_signalled(lambda stop: _work(settings, stop))
    leave(0)


async def _work(settings: Any, stop: asyncio.Event) -> None:
    from starter.processes import loading

    with loading():
        from journey import providing
        from journey.store.engine import database_url
        from starter.up.waiting import connected
        from worker import metered, run_worker

    # What no patience mends is said at once, not when Temporal has come.
    database_url(settings.store_url)
    providing.check(settings)
    # Beside an embedded server the worker is ready first; in production Temporal may come back later.
    connecting = asyncio.create_task(connected(settings, metered(settings)))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({connecting, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if stop.is_set():
        connecting.cancel()
    else:
        await run_worker(settings, client=await connecting, stop=stop)


def api(
    host: Annotated[str, typer.Option("--host")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port")] = 8000,
) -> None:
    """运行接口进程 / serve the REST API; it comes up with Temporal away."""
    from journey.observability import configure
    from journey.settings import Settings
    from starter.processes import leave, run_until_signalled

    settings = Settings()
    configure(settings)
    run_until_signalled(lambda stop: _serve(settings, host, port, stop))
    leave(0)


async def _serve(settings: Any, host: str, port: int, stop: asyncio.Event) -> None:
    from starter.processes import loading

    with loading():
        import structlog

        from journey import providing
        from starter.preparing import prepared
        from starter.up.serving import serve

    try:
        providing.carried(settings)
    except providing.ProvidersError as error:  # facts are still taken here; a worker does not start with it
        for problem in error.problems:
            structlog.get_logger(__name__).error("providers.unusable", problem=problem)
    async with prepared(settings):
        await serve(settings, host=host, port=port, stop=stop)
