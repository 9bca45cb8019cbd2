"""Persons, homes, messages: whoever locks in this order waits, and no two wait for each other (PostgreSQL)."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from journey.domain.event_checks import NewEvent
from journey.domain.reasons import Reason
from journey.domain.receipts import Receipt
from journey.domain.values import Failure, ReceiptState
from journey.store import engine, inbox, receipts, receipts_told, receiving, recording, replies_told
from journey.store.engine import Store
from journey.store.hooks import Hook
from journey.store.inbox import Target
from journey.store.outbox import Answered, Sending
from journey.store.receipts import Call
from journey.store.receiving import Matched
from journey.store.tables import contacts, journeys, messages, persons
from tests.activities.ground import Ground, ground
from tests.records import instant

pytestmark = pytest.mark.postgres
NOW = instant("2026-03-16 10:00")
LATER = NOW + timedelta(hours=1)
PATIENCE = 30.0  # seconds until a test gives up on the other thread
NUMBERS = {"zw": "+8613800138000", "lf": "+8613800138001", "other": "+8613800138009"}
Work = Callable[[Session], Any]


@dataclass
class Two:
    """Two homes by id, who lives there, and two transactions that meet; neither is tried again."""

    home: Ground
    patch: pytest.MonkeyPatch
    first: str = ""
    second: str = ""
    people: dict[str, str] = field(default_factory=dict)

    async def message(self, ident: str, journey: str, ref: str, state: str = "sent") -> None:
        """A message of a home to somebody."""
        row = {
            "id": ident, "journey_id": journey, "entry_key": f"signing.keeper-welcome/e/{ident}", "key": ident,
            "person_id": self.people[ref], "channel": "sms", "message_class": "contract", "template": "t",
            "language": "zh", "state": state, "calls": 1, "reserved_at": NOW, "updated_at": NOW,
            "sent_at": NOW if state == "sent" else None, "provider": "scripted", "provider_id": ident,
        }  # fmt: skip
        await self.home.store.write(lambda session: session.execute(insert(messages).values(**row)))

    async def meet(self, before: tuple[ModuleType, str], one: Work, other: Work) -> None:
        """Stop `one` before it calls a function, let `other` run until it waits or has ended, then let both go on."""
        there, go_on = threading.Event(), threading.Event()
        called = getattr(*before)

        def stop(*args: Any, **named: Any) -> Any:
            if not there.is_set():
                there.set()
                assert go_on.wait(PATIENCE)
            return called(*args, **named)

        self.patch.setattr(*before, stop)
        mine = asyncio.create_task(self.home.store.write(one))
        assert await asyncio.to_thread(there.wait, PATIENCE)
        theirs = asyncio.create_task(self.home.store.write(other))
        await asyncio.to_thread(self._until_stuck, theirs)
        go_on.set()
        await asyncio.gather(mine, theirs)

    def _until_stuck(self, other: asyncio.Task[Any]) -> None:
        while not other.done() and not self.home.store.read_sync(_waits):
            time.sleep(0.01)

    async def numbers(self) -> dict[str, str]:
        """The state of everybody's number."""
        query = select(persons.c.ref, contacts.c.state).join(contacts, contacts.c.person_id == persons.c.id)
        return {row.ref: row.state for row in await self.home.store.read(lambda s: s.execute(query).all())}


def _waits(session: Session) -> bool:
    locked = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return session.execute(text(locked)).first() is not None


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Store]:
    """A store whose transactions end at their first deadlock."""
    with Store(postgres_url) as opened:
        yield opened


@pytest_asyncio.fixture
async def two(postgres: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Two:
    """张伟 and 李芳 own both homes, somebody else the second one as well."""
    home = await ground(postgres, tmp_path, NOW)
    owners = [{"ref": ref, "name": ref, "phone": number} for ref, number in NUMBERS.items()]
    await home.start(owners=owners[:2])
    found = [home.journey]
    home.clock.instant += timedelta(seconds=1)
    started = await home.doors.start_journey({"project": "XN", "unit": "3-1-8", "owners": owners})
    found.append(started.journey["id"])
    people = await postgres.read(lambda s: {row.ref: row.id for row in s.execute(select(persons.c.ref, persons.c.id))})
    monkeypatch.setattr(engine, "_RETRIES", 0)
    return Two(home, monkeypatch, min(found), max(found), people)


def record(*answers: Answered) -> Work:
    return lambda session: recording.record_answers(session, answers, LATER, LATER)


def dead(ident: str, ref: str) -> Answered:
    sending = Sending(ident, ident, "sms", NUMBERS[ref], "zh", "t", "h", {}, called_before=False)
    return Answered(ident, "failed", None, Reason("provider-refused", {"error": "bad-recipient"}), sending)


def receipt(ident: str, state: ReceiptState, failure: Failure | None = None) -> Work:
    told = Receipt(state, LATER, "scripted", provider_id=ident, failure=failure)
    return lambda session: receiving.act_on(session, [Matched(f"rcp_{ident}", told, ident)], LATER, LATER)


def answer(ident: str, *said: tuple[str, str]) -> Work:
    """Words from numbers, to nothing that was sent, in one call."""
    told = [
        Receipt(ReceiptState.REPLIED, LATER, "scripted", channel="sms", address=NUMBERS[ref], text=words)
        for ref, words in said
    ]
    call = Call(Hook("scripted", "receipts", "standard", "scripted", None, LATER, None, ()), ident, "d" * 64)
    return lambda session: receipts.keep(session, call, told, LATER, LATER)


def both_homes(session: Session) -> None:
    """Lock them by id, as receipts and facts of both do."""
    session.execute(select(journeys.c.id).order_by(journeys.c.id).with_for_update(key_share=True)).all()


async def test_a_page_with_a_dead_number_meets_a_receipt_of_the_owners_other_home(two: Two) -> None:
    await two.message("msg_1", two.first, "zw", "reserved")
    await two.message("msg_2", two.second, "other")
    page = record(dead("msg_1", "zw"), Answered("msg_2", "delivered"))

    await two.meet((inbox, "mark_stale"), page, receipt("msg_2", ReceiptState.DELIVERED))

    assert await two.numbers() == {"zw": "invalid", "lf": "ok", "other": "ok"}


async def test_two_sends_find_the_numbers_of_a_couple_with_two_homes_dead(two: Two) -> None:
    await two.message("msg_1", two.second, "zw", "reserved")
    await two.message("msg_2", two.first, "lf", "reserved")

    await two.meet((inbox, "mark_stale"), record(dead("msg_1", "zw")), record(dead("msg_2", "lf")))

    assert await two.numbers() == {"zw": "invalid", "lf": "invalid", "other": "ok"}


async def test_two_receipts_find_the_numbers_of_a_couple_with_two_homes_dead(two: Two) -> None:
    await two.message("msg_1", two.second, "zw")
    await two.message("msg_2", two.first, "lf")
    one, other = (receipt(ident, ReceiptState.FAILED, Failure.PERMANENT) for ident in ("msg_1", "msg_2"))

    await two.meet((receiving, "follow_dead"), one, other)

    assert await two.numbers() == {"zw": "invalid", "lf": "invalid", "other": "ok"}


@pytest.mark.parametrize(
    ("module", "door", "kind", "data"),
    [
        (replies_told, "accept_reply", "message.replied", {"text": "几点?"}),
        (receipts_told, "accept_receipt", "message.receipt", {"state": "delivered"}),
    ],
)
async def test_what_is_told_to_a_home_of_a_message_of_the_owners_other_home(
    two: Two, module: ModuleType, door: str, kind: str, data: dict[str, Any]
) -> None:
    await two.message("msg_1", two.first, "zw")
    event = NewEvent("e1", kind, LATER, data | {"message": "msg_1"}, source="crm")
    accept, target = getattr(module, door), Target(two.second, journey=two.second)

    await two.meet(
        (module, "climb"),
        lambda session: accept(session, target, event, "d" * 64, LATER, LATER),
        both_homes,
    )

    assert await two.home.store.read(lambda s: s.execute(select(messages.c.state)).scalars().all()) == ["delivered"]


async def test_a_strangers_answer_told_to_the_second_home_marks_both(two: Two) -> None:
    await two.message("msg_1", two.second, "zw")
    event = NewEvent("e1", "message.replied", LATER, {"text": "打错了", "message": "msg_1"}, source="crm")
    target = Target(two.second, journey=two.second)

    await two.meet(
        (replies_told, "climb"),
        lambda session: replies_told.accept_reply(session, target, event, "d" * 64, LATER, LATER),
        both_homes,
    )

    assert await two.numbers() == {"zw": "invalid", "lf": "ok", "other": "ok"}


async def test_answers_to_nothing_lock_everybody_before_any_home(two: Two) -> None:
    one = answer("c1", ("other", "打错了"), ("zw", "打错了"))
    other = answer("c2", ("zw", "几点?"), ("other", "几点?"))

    await two.meet((inbox, "mark_stale"), one, other)

    assert await two.numbers() == {"zw": "invalid", "lf": "ok", "other": "invalid"}
