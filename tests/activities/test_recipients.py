"""Who a message goes to, what keeps it from one of them, and what the entry then shows."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from temporalio.testing import ActivityEnvironment

from activities.messaging import MessagingActivities
from journey.adapters.channels import Gateway, PermanentFailure, TemporaryFailure, UnknownOutcome
from journey.contracts.performing import Perform
from journey.domain.entries import State
from journey.domain.moves import Move
from journey.domain.reasons import Reason
from journey.store import outbox
from journey.store.engine import Store
from journey.store.outbox import Verdict
from journey.store.performing import Wanted
from journey.store.tables import agenda, messages, persons
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.records import instant

WELCOME = "signing.keeper-welcome"
MORNING = instant("2026-03-16 10:00")
HUSBAND = {"ref": "zw", "name": "张伟", "phone": "13800138000"}
WIFE = {"ref": "lf", "name": "李芳", "phone": "13900139000"}


@pytest_asyncio.fixture
async def couple(store: Store, tmp_path: Path) -> Ground:
    """A home of two owners, on each engine."""
    made = await ground(store, tmp_path, MORNING)
    await made.start(owners=[HUSBAND, WIFE])
    return made


@pytest_asyncio.fixture
async def home(kernel_store: Store, tmp_path: Path) -> Ground:
    """A home of one owner."""
    made = await ground(kernel_store, tmp_path, MORNING)
    await made.start()
    return made


async def changed(home: Ground, **item: Any) -> Move:
    """The welcome as another rule would have asked for it; its due move."""
    move = await home.move(WELCOME)
    assert move is not None
    await home.store.write(_change, home.journey, item)
    return move


async def test_a_message_goes_to_the_primary_contact_alone(couple: Ground) -> None:
    await couple.send(WELCOME)

    assert [call.to for call in couple.channel.calls] == ["+8613800138000"]


async def test_where_letters_go_is_no_address_for_a_text_that_is_owed(couple: Ground) -> None:
    await couple.tell("contact.changed", person="zw", channel="post", address="成都市春熙路1号")
    await couple.tell("contact.invalid", person="zw", channel="phone", address="13800138000")

    await couple.send(WELCOME)

    assert [call.to for call in couple.channel.calls] == ["+8613900139000"]


async def test_a_legal_notice_goes_to_every_owner_under_a_key_of_his_own(couple: Ground) -> None:
    outcome = await couple.send(WELCOME, move=await changed(couple, recipients="owners"))

    assert outcome == "changed"
    assert [call.to for call in couple.channel.calls] == ["+8613800138000", "+8613900139000"]
    assert len({call.key for call in couple.channel.calls}) == 2
    assert (await couple.entry(WELCOME)).state is State.SENT


async def test_the_entry_shows_the_lowest_of_its_deliveries(couple: Ground) -> None:
    couple.channel.failures = [PermanentFailure("blocked")]

    await couple.send(WELCOME, move=await changed(couple, recipients="owners"))

    assert sorted(state for state, _ in await couple.outbox()) == ["failed", "sent"]
    assert (await couple.entry(WELCOME)).state is State.FAILED


async def test_who_was_reached_is_not_sent_to_again_when_the_other_is_tried_again(couple: Ground) -> None:
    couple.channel.failures = [TemporaryFailure("down")]
    await couple.send(WELCOME, move=await changed(couple, recipients="owners"))
    held = await couple.entry(WELCOME)

    couple.clock.instant += timedelta(minutes=2)
    await couple.send(WELCOME, move=await changed(couple, recipients="owners"))

    assert held.state is State.HELD
    assert [call.to for call in couple.channel.calls] == ["+8613800138000", "+8613900139000", "+8613800138000"]
    assert (await couple.entry(WELCOME)).state is State.SENT


async def test_an_address_reported_as_invalid_fails_until_there_is_another(home: Ground) -> None:
    await home.tell("contact.invalid", person="zw", channel="phone", address="13800138000")
    await home.send(WELCOME)
    failed = await home.entry(WELCOME)

    home.clock.instant += timedelta(minutes=2)
    await home.tell("contact.verified", person="zw", channel="phone", address="13900139000")
    await home.send(WELCOME)

    assert (failed.state, failed.reason and failed.reason.code) == (State.FAILED, "invalid-address")
    assert [call.to for call in home.channel.calls] == ["+8613900139000"]


async def test_care_without_consent_is_not_sent(home: Ground) -> None:
    await home.send(WELCOME, move=await changed(home, **{"class": "care"}))

    entry = await home.entry(WELCOME)
    assert (entry.state, entry.reason and entry.reason.code) == (State.SUPPRESSED, "no-consent")
    assert home.channel.calls == []


async def test_care_with_consent_is_sent(home: Ground) -> None:
    await home.tell("consent.given", person="zw", purpose="care", evidence="signed form")

    await home.send(WELCOME, move=await changed(home, **{"class": "care"}))

    assert (await home.entry(WELCOME)).state is State.SENT


async def test_care_beyond_the_monthly_cap_is_not_sent(home: Ground) -> None:
    await home.tell("consent.given", person="zw", purpose="care", evidence="signed form")
    await home.store.write(_sent_before, home, 4)

    await home.send(WELCOME, move=await changed(home, **{"class": "care"}))

    entry = await home.entry(WELCOME)
    assert (entry.state, entry.reason and entry.reason.code) == (State.SUPPRESSED, "cap")


async def test_a_template_that_cannot_be_rendered_fails_without_a_call(home: Ground) -> None:
    await home.send(WELCOME, move=await changed(home, params={"template": "nobody-wrote-this"}))

    entry = await home.entry(WELCOME)
    assert (entry.state, entry.reason and entry.reason.code) == (State.FAILED, "template")
    assert home.channel.calls == []


async def test_a_channel_that_the_installation_lacks_fails(home: Ground) -> None:
    move = await home.move(WELCOME)
    assert move is not None
    without = MessagingActivities(home.site, Gateway([ScriptedChannel("email")]))
    command = Perform(journey=home.journey, key=move.key, due=move.due, seen=move.seen, now=home.clock.instant)

    await ActivityEnvironment().run(without.send, command)

    entry = await home.entry(WELCOME)
    assert (entry.state, entry.reason and entry.reason.code) == (State.FAILED, "no-channel-left")


async def test_a_key_and_recipient_is_unique_in_the_whole_store(home: Ground) -> None:
    move = await home.move(WELCOME)
    assert move is not None
    person = await _person(home)
    other = await home.doors.start_journey({"project": "XN", "unit": "3-1-9", "owners": [HUSBAND]})
    await home.store.write(_row, "msg_other", other.journey["id"], f"{move.key}/{person}", person, "sent")

    await home.send(WELCOME, move=move)

    entry = await home.entry(WELCOME)
    assert entry.state is State.MERGED
    assert home.channel.calls == []


async def test_an_attempt_past_its_timeout_has_not_the_last_word(home: Ground) -> None:
    move = await home.move(WELCOME)
    assert move is not None
    await home.send(WELCOME, move=move)

    late = Verdict(await _person(home), State.HELD, Reason("provider-away", {"error": "down"}))
    written = await home.store.write(outbox.settle, _wanted(home, move), [late])

    assert not written
    assert (await home.entry(WELCOME)).state is State.SENT


async def test_a_late_yes_raises_a_doubt(kernel_store: Store, tmp_path: Path) -> None:
    home = await ground(kernel_store, tmp_path, MORNING, ScriptedChannel(takes_keys=False))
    await home.start()
    move = await home.move(WELCOME)
    home.channel.failures = [TimeoutError()]
    await home.send(WELCOME, move=move)
    doubt = await home.entry(WELCOME)

    assert move is not None
    await home.store.write(outbox.settle, _wanted(home, move), [Verdict(await _person(home), State.SENT)])

    assert doubt.state is State.UNKNOWN
    assert (await home.entry(WELCOME)).state is State.SENT


def _wanted(home: Ground, move: Move) -> Wanted:
    return Wanted(home.journey, move.key, move.due, move.seen, home.clock.instant, home.site.namespace_id)


async def _person(home: Ground) -> str:
    return await home.store.read(lambda s: str(s.execute(select(persons.c.id)).scalar()))


def _change(session: Session, journey: str, changes: dict[str, Any]) -> None:
    """Change the welcome's item in the agenda; the document's hash stays, so that planning does not mend it."""
    of = agenda.c.scope_id == journey
    document = session.execute(select(agenda.c.document).where(of)).scalar_one()
    items = [item | changes if item["rule"] == WELCOME else item for item in document["items"]]
    session.execute(update(agenda).where(of).values(document={**document, "items": items}))


def _sent_before(session: Session, home: Ground, count: int) -> None:
    person = str(session.execute(select(persons.c.id)).scalar())
    for number in range(count):
        _row(session, f"msg_{number}", home.journey, f"care-{number}/{person}", person, "sent")


def _row(session: Session, ident: str, journey: str, key: str, person: str, state: str) -> None:
    at = MORNING - timedelta(days=1)
    row = {"id": ident, "journey_id": journey, "entry_key": key.rsplit("/", 1)[0], "key": key, "person_id": person}
    row |= {"channel": "sms", "message_class": "care", "template": "care", "language": "zh", "state": state}
    session.execute(insert(messages).values(**row, reserved_at=at, sent_at=at, updated_at=at))


async def test_what_reached_no_owner_goes_once_more_to_each_of_them(couple: Ground) -> None:
    couple.channel.takes_keys = False
    couple.channel.failures = [TimeoutError(), TimeoutError()]
    await couple.send(WELCOME, move=await changed(couple, recipients="owners"))
    unknown = await couple.outbox()
    couple.clock.instant += timedelta(minutes=5)

    body = {"item": WELCOME, "outcome": "not-happened", "reason": "服务商查无记录"}
    await couple.doors.act(couple.journey, "decide", body, by="李娜")
    await couple.send(WELCOME, move=await changed(couple, recipients="owners"))

    assert [state for state, _ in unknown] == ["unknown", "unknown"]
    assert [state for state, _ in await couple.outbox()] == ["sent", "sent"]
    assert len(couple.channel.calls) == 4
    assert (await couple.entry(WELCOME)).state is State.SENT


async def test_an_owner_who_was_reached_is_not_sent_to_again(couple: Ground) -> None:
    couple.channel.takes_keys = False
    couple.channel.failures = [TimeoutError()]
    await couple.send(WELCOME, move=await changed(couple, recipients="owners"))
    couple.clock.instant += timedelta(minutes=5)

    body = {"item": WELCOME, "outcome": "not-happened", "reason": "服务商查无记录"}
    await couple.doors.act(couple.journey, "decide", body, by="李娜")
    await couple.send(WELCOME, move=await changed(couple, recipients="owners"))

    assert [call.to for call in couple.channel.calls] == ["+8613800138000", "+8613900139000", "+8613800138000"]


async def test_what_is_owed_goes_to_the_next_owner_while_nothing_reaches_the_first(couple: Ground) -> None:
    await couple.tell("contact.invalid", person="zw", channel="phone", address="13800138000")

    await couple.send(WELCOME)

    assert [call.to for call in couple.channel.calls] == ["+8613900139000"]
    assert (await couple.entry(WELCOME)).state is State.SENT


async def test_whoever_may_have_it_already_stays_the_one(couple: Ground) -> None:
    couple.channel.failures = [UnknownOutcome("timeout")]
    await couple.send(WELCOME)
    couple.clock.instant += timedelta(minutes=5)
    await couple.tell("contact.invalid", person="zw", channel="phone", address="13800138000")

    await couple.send(WELCOME)

    assert [call.to for call in couple.channel.calls] == ["+8613800138000"]
    assert (await couple.entry(WELCOME)).state is State.UNKNOWN
