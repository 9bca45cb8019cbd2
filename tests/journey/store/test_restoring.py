"""What a restored store is told, and what is found out about the time that it lost; on each engine."""

from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import select

from journey.domain.entries import State
from journey.domain.errors import InvalidInput
from journey.store import installation, restoring, settling
from journey.store.engine import Store
from journey.store.outbox import Taken
from journey.store.restoring import Restored
from journey.store.settling import Trace
from journey.store.tables import holds, journeys, messages
from tests.activities.ground import NAMESPACE, Ground, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")
WELCOME = "signing.keeper-welcome"


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A subscribed home whose welcome was not sent yet, as a backup would have it."""
    made = await ground(store, tmp_path, MORNING)
    await made.start()
    return made


async def restore(home: Ground, hours: int = 4) -> Restored:
    """Back at ten, and told so at two in the afternoon."""
    home.clock.instant = MORNING + timedelta(hours=hours)
    restored = await home.store.write(restoring.begin, MORNING, home.clock.instant)
    after: str | None = ""
    while after is not None:
        after = await home.store.write(restoring.mute_page, restored.epoch, home.clock.instant, after)
    return restored


async def doubt(home: Ground) -> settling.Doubt:
    (found,) = await home.store.read(settling.doubts, home.journey)
    return found


async def test_a_restore_raises_the_epoch_and_keeps_the_temporal(home: Ground) -> None:
    restored = await restore(home)

    assert restored.epoch == 2 == await home.store.read(installation.epoch)
    assert (restored.begins, restored.ends) == (MORNING - timedelta(minutes=5), home.clock.instant)
    assert await home.store.read(installation.named) == NAMESPACE
    assert await home.store.read(settling.unsettled) == [2]


async def test_the_epoch_is_never_one_that_the_lost_store_had(home: Ground) -> None:
    restored = await home.store.write(restoring.begin, MORNING, MORNING, least_epoch=7, namespace_id="later")

    assert restored.epoch == 8
    assert await home.store.read(installation.named) == "later"


async def test_a_backup_from_the_future_is_refused_by_name(home: Ground) -> None:
    with pytest.raises(InvalidInput) as refused:
        await home.store.write(restoring.begin, MORNING + timedelta(days=1), MORNING)

    assert refused.value.errors[0].field == "taken_at"


async def test_what_fell_due_in_the_lost_time_is_not_sent(home: Ground) -> None:
    await restore(home)

    sent = await home.send(WELCOME)

    assert sent == "none"
    assert (await home.entry(WELCOME)).state is State.UNKNOWN
    assert await home.outbox() == []


async def test_journeys_come_back_muted_until_that_is_taken_back(home: Ground) -> None:
    await restore(home)
    await home.plan()
    muted = await home.store.read(restoring.muted)
    status = await _status(home)

    released = await home.store.write(restoring.unmute_page, home.clock.instant)
    await home.plan()

    assert (muted, released, status) == (1, 1, "muted")
    assert await home.store.read(restoring.muted) == 0
    assert await _status(home) == "active"


async def test_a_mute_that_a_person_placed_outlives_the_return(home: Ground) -> None:
    await home.tell("hold.placed", scope="all", how="mute", reason="业主要求")
    await restore(home)

    while await home.store.write(restoring.unmute_page, home.clock.instant):
        pass

    await home.plan()
    assert await _status(home) == "muted"
    assert len(await home.store.read(lambda session: session.execute(select(holds)).all())) == 1


async def test_a_message_that_a_provider_remembers_is_sent_and_its_key_is_taken(home: Ground) -> None:
    await restore(home)
    await home.plan()
    found = await doubt(home)
    at = MORNING + timedelta(minutes=1)
    trace = Trace(at, "sms", "sms", Taken("simulated", "sim-1"))

    written = await home.store.write(settling.found, home.journey, found, {found.persons[0]: trace}, home.clock.instant)

    entry = await home.entry(WELCOME)
    row = await home.store.read(lambda session: session.execute(select(messages)).one())
    assert written
    assert (entry.state, entry.at) == (State.SENT, at)
    assert entry.reason is not None
    assert entry.reason.code == "found"
    assert (row.key, row.state, row.provider_id) == (f"{entry.key}/{found.persons[0]}", "sent", "sim-1")
    assert await home.store.read(settling.doubts, home.journey) == []
    assert await home.send(WELCOME) == "none"


async def test_what_nobody_remembers_stays_for_a_person(home: Ground) -> None:
    await restore(home)
    await home.plan()

    written = await home.store.write(settling.found, home.journey, await doubt(home), {}, home.clock.instant)

    assert not written
    assert (await home.entry(WELCOME)).state is State.UNKNOWN


async def test_the_search_of_a_bracket_comes_to_an_end_and_is_not_begun_again(home: Ground) -> None:
    await restore(home)
    first = await home.store.read(settling.next_page, 2, 1)
    await home.store.write(settling.page_done, 2, first, home.clock.instant)
    second = await home.store.read(settling.next_page, 2, 1)
    await home.store.write(settling.page_done, 2, second, home.clock.instant)

    assert (list(first.journeys), first.more) == ([home.journey], True)
    assert (list(second.journeys), second.more) == ([], False)
    assert await home.store.read(settling.unsettled) == []


async def _status(home: Ground) -> str:
    return await home.store.read(lambda session: str(session.execute(select(journeys.c.status)).scalar_one()))
