"""Logging of every process: structlog through one handler of the standard library, without personal data."""

import logging
import re
import sys
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, Final, TextIO

import structlog
from structlog.types import EventDict, Processor, WrappedLogger

from journey.settings import Settings

PERSONAL_KEYS: Final = frozenset({"name", "phone", "email", "address", "text", "notes"})
REMOVED: Final = "[removed]"
# Not inside a longer number: 13-digit epochs and ids are no phones.
_PHONE: Final = re.compile(r"(?<![\d.])((?:\+?86[- ]?)?1[3-9]\d)[- ]?\d{4}[- ]?(\d{4})(?!\d)")
_EMAIL: Final = re.compile(r"([\w.+-])[\w.+-]*@([\w-]+(?:\.[\w-]+)+)")
# Each of them says a line a second when a server is away, and nothing that our own lines do not say better.
_QUIET: Final = {
    "temporalio": logging.WARNING,
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,
    "httpx2": logging.WARNING,
    "httpcore2": logging.WARNING,  # both would write down addresses, and with them whom a message is for
    "apprise": logging.CRITICAL,
    "requests": logging.WARNING,
    "urllib3": logging.WARNING,
    "alembic": logging.WARNING,
    "asyncio": logging.WARNING,
}


def configure(settings: Settings, *, stream: TextIO | None = None) -> None:
    """Send every log line of this process to `stream` (stderr), as JSON or for people; a second call replaces it."""
    as_json = settings.log_format == "json"
    out = stream or sys.stderr
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _lift_temporal_ids,
        structlog.processors.format_exc_info,
        scrub,
    ]
    structlog.configure(
        processors=[*before[:3], *before[4:], structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=out.isatty(), exception_formatter=structlog.dev.plain_traceback)
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=before,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level.upper())
    for name, level in _QUIET.items():
        logger = logging.getLogger(name)
        logger.setLevel(max(level, root.level))
        logger.handlers.clear()
        logger.propagate = True


@contextmanager
def about(**ids: str | None) -> Iterator[None]:
    """Name what the lines of a block are about: `about(request_id=…, journey=…, item=…)`; ids only, no values."""
    with structlog.contextvars.bound_contextvars(**{key: value for key, value in ids.items() if value is not None}):
        yield


def scrub(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Mask phones and e-mail addresses in every text and remove what stands under a personal key."""
    for key, value in event.items():
        event[key] = REMOVED if key in PERSONAL_KEYS and value is not None else _scrubbed(value)
    return event


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return _EMAIL.sub(r"\1***@\2", _PHONE.sub(r"\1****\2", value))
    if isinstance(value, dict):
        return {
            key: REMOVED if key in PERSONAL_KEYS and each is not None else _scrubbed(each)
            for key, each in value.items()
        }
    if isinstance(value, list | tuple):
        return [_scrubbed(each) for each in value]
    return value


def _lift_temporal_ids(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Put the ids of Temporal's own loggers beside the others; their long dictionaries go."""
    for source in ("temporal_workflow", "temporal_activity"):
        details = event.pop(source, None)
        if isinstance(details, MutableMapping):
            for key in ("workflow_id", "workflow_type", "run_id", "activity_type", "attempt"):
                if details.get(key) is not None:
                    event.setdefault(key, details[key])
    return event
