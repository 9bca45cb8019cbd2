"""How the API is served: quietly, since the app writes its own log lines without personal data."""

import logging

import uvicorn
from starlette.types import ASGIApp


def server_config(app: ASGIApp, host: str, port: int) -> uvicorn.Config:
    """The settings of a uvicorn server; its own access log, which has query strings, is off."""
    # Its lines have query strings; without this any handler that is added later brings them back.
    logging.getLogger("uvicorn.access").disabled = True
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,
        log_config=None,
        server_header=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
    )
