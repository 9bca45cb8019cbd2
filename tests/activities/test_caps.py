"""Four care messages a month reach a person, however many sends are under way to him at once (C7)."""

import asyncio
from dataclasses import dataclass, field

import pytest

from journey.adapters.channels import Delivery, Outgoing, PermanentFailure, UnknownOutcome
from journey.domain.values import Failure
from tests.activities.broadcast_ground import Announcer, homes
from tests.activities.ground import ScriptedChannel
from tests.activities.test_broadcast_repeats import told

CAP = 4
GONE, KEPT = [("sent", None)] * CAP, ("suppressed", "cap")


@dataclass
class Patient(ScriptedChannel):
    """A provider that answers nobody before it may."""

    may: asyncio.Event = field(default_factory=asyncio.Event)

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Wait, then take it."""
        await self.may.wait()
        return await super().deliver(outgoing)


async def greetings(project: Announcer, count: int) -> list[str]:
    """So many greetings, each a broadcast of its own to everybody."""
    return [await project.moon(occurrence=f"feast-{number}/2026") for number in range(count)]


async def decided(project: Announcer, broadcasts: list[str], people: int) -> None:
    """Until each broadcast has decided on each person."""
    wanted = people * len(broadcasts)
    while sum([len(await project.recipients(one)) for one in broadcasts]) < wanted:  # noqa: ASYNC110 - the store rings no bell
        await asyncio.sleep(0.02)


async def test_broadcasts_that_run_at_once_share_the_cap_of_a_person(project: Announcer) -> None:
    await homes(project, 2)
    project.ground.channel = channel = Patient()
    asked = await greetings(project, 7)

    pages = [asyncio.create_task(project.take(one)) for one in asked]
    await asyncio.wait_for(decided(project, asked, people=2), 60)
    channel.may.set()
    await asyncio.gather(*pages)

    for home in ("3-1-0", "3-1-1"):
        assert sorted(await project.states(home)) == sorted([*GONE, *[KEPT] * 3])
    assert len(channel.taken) == 2 * CAP


async def test_a_send_that_broke_off_counts_until_it_has_ended_and_as_one(project: Announcer) -> None:
    await homes(project, 1)
    asked = await greetings(project, CAP + 1)
    for one in asked[:CAP]:
        with pytest.raises(asyncio.CancelledError):
            await project.killed(one)

    await project.run(asked[CAP])
    for one in asked[:CAP]:
        await project.run(one)

    assert sorted(await project.states("3-1-0")) == sorted([*GONE, KEPT])


async def test_a_message_that_may_have_arrived_counts(project: Announcer) -> None:
    await homes(project, 1)
    asked = await greetings(project, CAP + 1)
    project.channel.takes_keys = False
    project.channel.failures += [UnknownOutcome("silence")] * CAP

    for one in asked:
        await project.run(one)

    states = await project.states("3-1-0")
    assert sorted(state for state, _ in states) == ["suppressed", *["unknown"] * CAP]


async def test_a_message_that_failed_counts_for_nothing(project: Announcer) -> None:
    await homes(project, 1)
    asked = await greetings(project, CAP + 2)
    project.channel.failures += [PermanentFailure("blacklisted")] * 2

    for one in asked:
        await project.run(one)

    states = await project.states("3-1-0")
    assert sorted(state for state, _ in states) == ["failed", "failed", *["sent"] * CAP]


async def test_one_that_the_carrier_gave_back_leaves_its_place_to_another(project: Announcer) -> None:
    await homes(project, 1)
    asked = await greetings(project, CAP + 1)
    for one in asked[:CAP]:
        await project.run(one)
    await told(project, code="x", failure=Failure.REFUSED)

    await project.run(asked[CAP])

    assert KEPT not in await project.states("3-1-0")
