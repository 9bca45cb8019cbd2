"""A call from its bytes to what it changed: signature, form, the handler of its kind; then journeys hear of it."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from sqlalchemy.orm import Session

from journey.domain.receipts import Receipt
from journey.ports import Clock
from journey.store import receipts
from journey.store.engine import Store
from journey.store.hooks import Hook, find_hook
from journey.store.receipts import Call, Kept
from journey.store.replying import Told
from starter.acting import subject_of
from starter.hooks.bounces import read_bounce
from starter.hooks.forms import read_aliyun, read_standard, read_twilio
from starter.hooks.signatures import Incoming, Query, echoed, verified
from starter.hooks.wechat import read_wechat
from starter.telling import Subject, Teller

log = structlog.get_logger()
Handler = Callable[["Receiving", Hook, Call, bytes, datetime], Awaitable[Mapping[str, Any]]]
Form = Callable[[bytes, str, datetime], Sequence[Receipt]]
FORMS: Final[Mapping[str, Form]] = {
    "standard": read_standard, "aliyun": read_aliyun, "twilio": read_twilio, "wechat": read_wechat,
    "bounce": read_bounce,
}  # fmt: skip
# What a provider wants to read to take it for delivered; WeChat reads one word, and tries again for anything else.
ANSWERS: Final[Mapping[str, Mapping[str, Any]]] = {"aliyun": {"code": 0, "msg": "成功"}, "wechat": {"plain": "success"}}


class Receiving:
    """The doors for calls. Raises NotFound, BadSignature, InvalidInput and StoreDown; then nothing was taken."""

    def __init__(self, store: Store, teller: Teller, clock: Clock) -> None:
        self._store = store
        self._teller = teller
        self._clock = clock

    async def receive(self, source: str, incoming: Incoming) -> Mapping[str, Any]:
        """Take one call of a source; the answer that its sender wants to read. The same call again changes nothing."""
        hook = await self._store.read(find_hook, source)
        call = Call(hook, verified(hook, incoming, datetime.now(UTC)), incoming.digest)  # senders sign by real time
        answer = await HANDLERS[hook.kind](self, hook, call, incoming.body, await self._clock.now())
        return {**answer, **ANSWERS.get(hook.dialect, {})}

    async def echo(self, source: str, query: Query) -> str:
        """What a provider that tries the door wants to read back. Raises NotFound and BadSignature."""
        return echoed(await self._store.read(find_hook, source), query, datetime.now(UTC))

    async def receipts(self, hook: Hook, call: Call, body: bytes, now: datetime) -> Mapping[str, Any]:
        """Keep what a provider tells of messages, and let the journeys concerned hear of it."""
        told = FORMS[hook.dialect](body, hook.provider, now)
        kept = await self._store.write(receipts.keep, call, told, now, datetime.now(UTC))
        log.info("hook.received", source=hook.source, doubled=kept.doubled, aside=len(kept.faults), **kept.outcomes)
        await self._tell(kept.told)
        return _answer(kept)

    async def _tell(self, told: Sequence[Told]) -> None:
        by_journey: dict[str, list[str]] = defaultdict(list)
        for one in told:
            by_journey[one.journey].append(one.event)
        subjects = await self._store.read(_subjects, list(by_journey)) if by_journey else ()
        # All at once: with Temporal away the sender waits no longer for a hundred than for one.
        await asyncio.gather(*(self._teller.tell(subject, by_journey[subject.journey]) for subject in subjects))


HANDLERS: Final[Mapping[str, Handler]] = {"receipts": Receiving.receipts}


def _subjects(session: Session, journeys: Sequence[str]) -> list[Subject]:
    return [subject_of(session, journey) for journey in journeys]


def _answer(kept: Kept) -> dict[str, Any]:
    accepted = sum(kept.outcomes.values())
    answer = {"doubled": kept.doubled, "accepted": accepted, "set_aside": len(kept.faults)}
    return {**answer, "receipts": dict(kept.outcomes), "faults": list(kept.faults)}
