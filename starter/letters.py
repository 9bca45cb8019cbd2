"""Letters: print runs, the numbers of the post and the proofs that come back, each through the ordinary door."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from pydantic import Field

from journey.domain.errors import Conflict, InvalidInput, JourneyError, NotFound, field_error
from journey.domain.letters import PRINTED
from journey.domain.reasons import Reason
from journey.domain.references import read_reference, shown_reference
from journey.printing import Asked, EvidenceFolder, Wanted, print_run
from journey.settings import Settings
from journey.store import audit, letter_returns, letter_runs
from journey.store.engine import Store
from journey.store.erasing_messages import paper_of_nobody
from journey.store.keys import ApiKey
from journey.store.letter_returns import Told
from journey.store.shelf import Shelf
from starter.bodies import Body, Code, Line, read_body
from starter.letter_files import read_ends, read_tracking


class RunBody(Body):
    """Which letters are printed: those of a project that wait, of one batch or rule; or some again, with the reason."""

    project: Code
    batch: Code | None = None
    rule: Line | None = None
    again: list[Line] = Field(default_factory=list, max_length=2000)
    reason: Line | None = None
    by: Line | None = None


class Door(Protocol):
    """Where the facts of proofs are told."""

    async def tell_journey(self, journey: str, body: Any, received: Any = None) -> Any:
        """Tell one fact to a journey."""
        ...


async def run(
    store: Store, shelf: Shelf, settings: Settings, body: Any, now: datetime, caller: ApiKey, lang: str
) -> dict[str, Any]:
    """Print the letters of a body; InvalidInput for a reprint without a reason, or a reason without one."""
    told = read_body(RunBody, body)
    references = [read_reference(text) for text in told.again]
    errors = [field_error(f"again/{place}", "not-a-reference") for place, one in enumerate(references) if one is None]
    if told.rule is not None and told.rule not in PRINTED:
        errors.append(field_error("rule", "unknown-value", allowed=", ".join(sorted(PRINTED))))
    if told.again and told.reason is None:
        errors.append(field_error("reason", "required"))
    if told.reason is not None and not told.again:
        errors.append(field_error("again", "required"))
    if errors:
        raise InvalidInput(tuple(errors))
    again = tuple(dict.fromkeys(one for one in references if one is not None))
    wanted = Wanted(told.project, told.batch, told.rule, again)
    asked = Asked(caller.name, caller.id, told.by, told.reason, "zh" if lang.startswith("zh") else "en")
    return await print_run(store, shelf, settings, wanted, asked, now)


async def file_of(store: Store, settings: Settings, run: str, kind: str, now: datetime, caller: ApiKey) -> bytes:
    """A file of a run: `pdf`, `xlsx` or `csv`; NotFound. It is noted who took it before it is handed out."""
    row = await store.read(letter_runs.run_row, run)
    return await evidence(store, settings, row.files[kind], now, caller, subject=run, action="letters.read")


async def evidence(
    store: Store, settings: Settings, digest: str, now: datetime, caller: ApiKey, *, subject: str | None = None,
    action: str = "evidence.read",
) -> bytes:  # fmt: skip
    """A file of evidence by its hash; NotFound. It is noted who took it before it is handed out."""
    content = await asyncio.to_thread(EvidenceFolder(settings.evidence_folder).read, digest)
    if content is None:
        raise NotFound(Reason("no-such-evidence"))
    await store.write(audit.append, now, caller.id, action, subject or digest, {"hash": digest})
    return content


async def erase_paper(store: Store, settings: Settings) -> None:
    """Destroy printed letters and slips that are of nobody any more; whatever a crash leaves, the next time finds."""
    folder = EvidenceFolder(settings.evidence_folder)
    for digest in await store.read(paper_of_nobody):
        await asyncio.to_thread(folder.remove, digest)


async def track(
    store: Store, run: str, content: bytes, now: datetime, caller: ApiKey, *, replace: bool
) -> dict[str, Any]:
    """Write down the numbers that a file gives to the letters of a run, all or none."""
    rows, unread = await asyncio.to_thread(read_tracking, content)
    counts = await store.write(letter_returns.track, run, rows, now, caller.id, replace=replace, unread=unread)
    return {"run": run, **counts}


async def prove(
    store: Store, settings: Settings, doors: Door, run: str, content: bytes, now: datetime, caller: ApiKey
) -> dict[str, Any]:
    """Tell how the letters of a file ended: all rows are good, or none is told. The same again changes nothing."""
    rows, unread = await asyncio.to_thread(read_ends, content)
    folder = EvidenceFolder(settings.evidence_folder)
    named = {row.scan for row in rows if row.scan is not None}
    kept = await asyncio.to_thread(lambda: {digest for digest in named if folder.has(digest)})
    told = await store.read(letter_returns.facts_of, run, rows, kept, now, unread)
    answers = [await _tell(store, doors, one) for one in told]
    await store.write(audit.append, now, caller.id, "letters.proved", run, {"letters": len(told)})
    counts: dict[str, int] = {}
    for one in answers:
        counts[one["verdict"]] = counts.get(one["verdict"], 0) + 1
    return {"run": run, "verdicts": counts, "rows": answers}


async def _tell(store: Store, doors: Door, told: Told) -> dict[str, Any]:
    """Tell one fact and remember it; what the door refuses stands in the answer, the other rows go on."""
    row: dict[str, Any] = {"row": told.ended.row, "reference": shown_reference(told.ended.reference)}
    try:
        answer = await doors.tell_journey(told.journey, dict(told.event), dict(told.same))
    except (Conflict, InvalidInput) as error:
        return row | {"verdict": "refused", "reason": _why(error)}
    if answer.verdict != "refused":
        await store.write(letter_returns.note_end, told.ended, answer.event)
    return row | {"verdict": answer.verdict, "event": answer.event, "reason": answer.reason}


def _why(error: JourneyError) -> Mapping[str, Any]:
    reason = getattr(error, "reason", None)
    return reason.document() if isinstance(reason, Reason) else {"code": error.code, "params": {}, "text": str(error)}
