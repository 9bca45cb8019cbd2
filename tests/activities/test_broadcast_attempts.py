"""Attempts at one recipient of a broadcast: homes that leave while he waits, answers that come late."""

import asyncio

import pytest

from journey.adapters.channels import TemporaryFailure
from journey.domain.entries import State
from journey.domain.reasons import Reason
from journey.store import broadcasting
from journey.store.broadcasting import Booked, Landed
from journey.store.outbox import Taken
from tests.activities.broadcast_ground import FEAST, NEWS, Announcer


@pytest.mark.parametrize("trouble", ["quiet hours", "provider away", "killed"])
async def test_whose_first_home_was_cancelled_while_he_waited_is_told_of_the_other(
    here: Announcer, trouble: str
) -> None:
    cancelled = await here.home("3-1-1", "zw", zone="Europe/London" if trouble == "quiet hours" else None)
    await here.home("3-1-2", "zw")
    here.at(FEAST)
    broadcast = await here.news(params={"template": "handover.reminder", "handover_on": "2026-09-30"})
    await _broken_off(here, broadcast, trouble)
    here.ground.journey = cancelled
    await here.ground.tell("contract.cancelled", on="2026-09-25", reason="退房")
    await here.ground.plan()

    await here.run(broadcast)

    assert len(here.channel.taken) == 1
    assert "3-1-2" in here.channel.calls[-1].body
    assert await here.messages() == ["sent"]
    assert await here.recipients(broadcast) == {"zw": "sent"}
    assert await here.states("3-1-1", NEWS) == [("sent", None)]
    assert await here.states("3-1-2", NEWS) == [("merged", "merged")]


async def test_a_pause_of_a_home_that_was_cancelled_keeps_nothing_from_the_other(here: Announcer) -> None:
    cancelled = await here.home("3-1-1", "zw")
    await here.home("3-1-2", "zw")
    here.at(FEAST)
    here.ground.journey = cancelled
    await here.ground.tell("hold.placed", scope="all", how="pause", reason="业主要求")
    broadcast = await here.news()
    await here.run(broadcast, wait=False)
    assert await here.states("3-1-1", NEWS) == [("held", "paused")]
    await here.ground.tell("contract.cancelled", on="2026-09-25", reason="退房")
    await here.ground.plan()

    await here.run(broadcast)

    assert await here.recipients(broadcast) == {"zw": "sent"}


@pytest.mark.parametrize("late", ["unknown", "held"])
async def test_an_attempt_that_ends_after_another_was_sent_lowers_nothing(project: Announcer, late: str) -> None:
    await project.home("3-1-0")
    project.at(FEAST)
    broadcast = await project.moon()
    first, second = await _reserved(project, broadcast), await _reserved(project, broadcast)
    silent = Reason("provider-silent", {"error": "timeout"})
    await _record(project, broadcast, Landed(first, State.SENT, "sent", taken=Taken("scripted", "p1")))
    await project.run(broadcast)

    # Without keys at the provider nobody asks again; with them the reservation would stand.
    await _record(project, broadcast, Landed(second, State(late), "unknown" if late == "unknown" else None, silent))

    assert await project.messages() == ["sent"]
    assert await project.states("3-1-0") == [("sent", None)]
    assert await project.recipients(broadcast) == {"ref-3-1-0": "sent"}


async def test_an_attempt_that_was_sent_after_another_ended_unknown_raises_it(project: Announcer) -> None:
    await project.home("3-1-0")
    project.at(FEAST)
    broadcast = await project.moon()
    first, second = await _reserved(project, broadcast), await _reserved(project, broadcast)
    silent = Reason("provider-silent", {"error": "lost"})
    await _record(project, broadcast, Landed(second, State.UNKNOWN, "unknown", silent))

    await _record(project, broadcast, Landed(first, State.SENT, "sent", taken=Taken("scripted", "p1")))

    assert await project.messages() == ["sent"]
    assert await project.states("3-1-0") == [("sent", None)]
    assert await project.recipients(broadcast) == {"ref-3-1-0": "sent"}


async def _broken_off(project: Announcer, broadcast: str, trouble: str) -> None:
    """A first page after which everybody waits."""
    if trouble == "killed":
        with pytest.raises(asyncio.CancelledError):
            await project.killed(broadcast)
        return
    if trouble == "provider away":
        project.channel.failures = [TemporaryFailure("down")]
    await project.run(broadcast, wait=False)


async def _reserved(project: Announcer, broadcast: str) -> Booked:
    """What one attempt at a page of one recipient reserves; it then hangs in its call."""
    store, site, now = project.ground.store, project.ground.site, project.ground.clock.instant
    seen = await store.read(broadcasting.look_ahead, broadcast, now, project.page)
    assert seen is not None
    page = await store.write(
        broadcasting.reserve_page, broadcast, seen, now, shelf=site.shelf, namespace_id=site.namespace_id
    )
    (booked,) = page.booked
    return booked


async def _record(project: Announcer, broadcast: str, landed: Landed) -> None:
    """How the call of an attempt ends."""
    now = project.ground.clock.instant
    await project.ground.store.write(broadcasting.record_page, broadcast, [landed], now, now)
