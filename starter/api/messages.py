"""What was sent to owners, or kept from them, and why."""

from typing import Any

from fastapi import APIRouter, Request, Response

from journey.domain.breaking import BreakerState
from journey.store import audit, breaker_queries, keys, message_queries, receipt_queries
from starter.api import bodies
from starter.api.answers import ListOf
from starter.api.auth import Reader, Writer
from starter.api.context import Parts
from starter.api.language import Language
from starter.api.message_answers import BreakerShown, MessageHistory, MessageShown, ReceiptShown
from starter.api.once import OnlyOnce, answered
from starter.api.parameters import DEFAULT_LIMIT, Cursor, Filter, Id, Limit, one_of
from starter.bodies import read_body
from starter.orders import BreakerBody

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
    """Messages, the latest first, without addresses and texts.

    `state`: planned, held, sent, delivered, read, replied, served, skipped, failed or unknown. With a journey, or one
    of the states held, skipped, failed and unknown, those are among them that were never begun, with the reason.
    """
    wanted = one_of("state", state, message_queries.STATES)
    page = await api.store.read(
        message_queries.list_messages, journey=journey, state=wanted, lang=lang, cursor=cursor, limit=limit
    )
    return page.document()


@router.get("/breakers", response_model=ListOf[BreakerShown])
async def list_breakers(
    caller: Reader, api: Parts, state: Filter = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Any:
    """Templates and providers that failed: whether they are stopped, and when they are tried again."""
    wanted = one_of("state", state, BreakerState)
    page = await api.store.read(breaker_queries.list_breakers, state=wanted, cursor=cursor, limit=limit)
    return page.document()


@router.get("/receipts", response_model=ListOf[ReceiptShown])
async def list_receipts(
    caller: Reader, api: Parts, outcome: Filter = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Any:
    """Receipts of no message of ours, the latest first: those that wait for it, and those that were given up.

    Who wrote is masked, and audited who looked; what was written is not shown. `outcome`: waiting or unknown; both
    without it.
    """
    wanted = one_of("outcome", outcome, receipt_queries.OUTCOMES)
    page = await api.store.read(receipt_queries.list_receipts, outcome=wanted, cursor=cursor, limit=limit)
    told = sum(row["from"] is not None for row in page.data)
    if told:  # of somebody, and written before it is shown
        now, detail = await api.clock.now(), {"rows": told}
        await api.store.write(audit.append, now, caller.id, "receipts.read", receipt_queries.RECEIPTS, detail)
    return page.document()


@router.post("/breakers/reset", response_model=BreakerShown, openapi_extra=bodies.documented(BreakerBody))
async def reset_breaker(request: Request, caller: Writer, api: Parts, once: OnlyOnce) -> Response:
    """Close a breaker by hand: what it kept waiting goes out at a steady rate; audited with who and why."""
    body = await bodies.read_json(request)

    async def reset() -> Response:
        read = read_body(BreakerBody, body)
        now = await api.clock.now()
        return answered(
            await api.store.write(
                breaker_queries.reset, read.kind, read.name, now, actor=caller.id, reason=read.reason, by=read.by
            )
        )

    return await once.run(body, reset)


@router.get("/{message}", response_model=MessageHistory)
async def get_message(message: Id, caller: Reader, api: Parts, lang: Language) -> Any:
    """One message: what was tried, decided and told of it. The owner's answers need the scope `pii:read`."""
    words = caller.allows(keys.PII)
    found = await api.store.read(message_queries.message_view, message, lang, words=words)
    # Written before anything is shown: nobody reads without a trace.
    await api.store.write(audit.append, await api.clock.now(), caller.id, "message.read", found["id"], {"words": words})
    return found
