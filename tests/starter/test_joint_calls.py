"""One call to a couple about two homes: listed once, with a result for each home (domain F7)."""

from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import update

from journey.domain.entries import State
from journey.domain.errors import Conflict, InvalidInput
from journey.domain.moves import MoveKind
from journey.store import performing, work_queries
from journey.store.engine import Store
from journey.store.ledger import read_entry
from journey.store.performing import Wanted
from journey.store.planning import plan_agenda
from journey.store.tables import tasks
from journey.store.work_queries import TaskFilter
from tests.activities.ground import Ground, ground
from tests.records import instant

COUPLE = [{"ref": "wife", "name": "李娜", "phone": "13800138000"}, {"ref": "husband", "name": "张伟"}]
OPEN = TaskFilter(role=None, state="open")
CALL = "handover.call"


class Homes:
    """Homes of one batch with their call opened, by unit."""

    def __init__(self, site: Ground) -> None:
        self.site = site
        self.of: dict[str, str] = {}

    async def start(self, unit: str, owners: list[dict[str, Any]], *, contract: str = "2026-06-30") -> None:
        signed: dict[str, Any] = {
            "id": "s",
            "type": "contract.signed",
            "occurred_at": self.site.clock.instant.isoformat(),
        }
        signed |= {"data": {"on": "2026-05-21", "contract_handover_date": contract}}
        body = {"project": "XN", "unit": unit, "owners": owners, "facts": [signed]}
        self.of[unit] = (await self.site.doors.start_journey(body)).journey["id"]

    async def open_calls(self) -> None:
        for journey in self.of.values():
            planned = await self.site.store.write(
                plan_agenda, journey, self.site.clock.instant, by=self.site.site.planner
            )
            for move in planned.plan.moves if planned.plan else ():
                if move.kind is MoveKind.OPEN and move.key.startswith(f"{CALL}/"):
                    namespace = self.site.site.namespace_id
                    wanted = Wanted(journey, move.key, move.due, move.seen, self.site.clock.instant, namespace)
                    await self.site.store.write(performing.open_task, wanted)

    async def state(self, unit: str) -> State:
        await self.site.store.write(plan_agenda, self.of[unit], self.site.clock.instant, by=self.site.site.planner)
        episode = (await self.listed(journey=self.of[unit]))[0]["key"]
        entry = await self.site.store.read(read_entry, self.of[unit], episode)
        assert entry is not None
        return entry.state

    async def listed(self, *, journey: str | None = None) -> list[dict[str, Any]]:
        wanted = OPEN if journey is None else TaskFilter(journey=journey)
        page = await self.site.store.read(work_queries.list_tasks, wanted)
        return [row for row in page.data if row["item"] == CALL]


@pytest_asyncio.fixture
async def homes(store: Store, tmp_path: Path) -> Homes:
    """A couple with 1-501 and 1-502, a neighbour with 1-503, a week before their handover."""
    site = await ground(store, tmp_path, instant("2026-05-21 10:00"))
    found = Homes(site)
    await found.start("1-501", COUPLE)
    await found.start("1-502", COUPLE)
    await found.start("1-503", [{"ref": "lf", "name": "李芳", "phone": "13800138002"}])
    site.clock.instant = instant("2026-06-22 10:00")
    await found.open_calls()
    return found


async def test_a_couple_with_two_homes_is_one_call_on_the_list(homes: Homes) -> None:
    listed = await homes.listed()

    (call,) = [row for row in listed if row["homes"]]
    assert sorted(home["unit"] for home in call["homes"]) == ["1-501", "1-502"]
    assert {row["unit"] for row in listed if not row["homes"]} == {"1-503"}
    assert len(await homes.listed(journey=homes.of["1-502"])) == 1


async def test_the_result_for_one_home_leaves_the_other_to_be_asked(homes: Homes) -> None:
    (call,) = [row for row in await homes.listed() if row["homes"]]

    await homes.site.doors.task_result(call["id"], {"reached": True, "by": "wang", "units": ["1-502"]})

    assert (await homes.state("1-502"), await homes.state("1-501")) == (State.DONE, State.OPEN)
    assert {row["unit"] for row in await homes.listed()} == {"1-501", "1-503"}

    (left,) = [row for row in await homes.listed() if row["unit"] == "1-501"]
    await homes.site.doors.task_result(left["id"], {"reached": True, "by": "wang"})
    assert await homes.state("1-501") is State.DONE


async def test_one_result_may_be_told_of_both_homes(homes: Homes) -> None:
    (call,) = [row for row in await homes.listed() if row["homes"]]

    answer = await homes.site.doors.task_result(
        call["id"], {"reached": True, "by": "wang", "units": ["1-501", "1-502"], "id": "both"}
    )

    assert len(answer.also) == 1
    assert (await homes.state("1-501"), await homes.state("1-502")) == (State.DONE, State.DONE)
    assert await homes.state("1-503") is State.OPEN


async def test_nobody_reached_is_an_attempt_for_every_home(homes: Homes) -> None:
    (call,) = [row for row in await homes.listed() if row["homes"]]

    await homes.site.doors.task_result(call["id"], {"reached": False, "by": "wang"})
    await homes.state("1-501")
    await homes.state("1-502")

    (again,) = [row for row in await homes.listed() if row["homes"]]
    assert [(await homes.listed(journey=homes.of[unit]))[0]["attempts"] for unit in ("1-501", "1-502")] == [1, 1]
    assert len(again["homes"]) == 2


async def test_a_claim_takes_the_call_with_all_its_homes(homes: Homes) -> None:
    (call,) = [row for row in await homes.listed() if row["homes"]]

    await homes.site.doors.claim_task(call["id"], "wang")

    claimed = [(await homes.listed(journey=homes.of[unit]))[0]["claimed_by"] for unit in ("1-501", "1-502", "1-503")]
    assert claimed == ["wang", "wang", None]
    other = next(home["task"] for home in call["homes"] if home["task"] != call["id"])
    with pytest.raises(Conflict):
        await homes.site.doors.claim_task(other, "li")


async def test_a_call_is_not_taken_by_two_when_a_home_joined_it_later(homes: Homes) -> None:
    (call,) = [row for row in await homes.listed() if row["homes"]]
    of_wang, of_nobody = (home["task"] for home in call["homes"])
    by_wang = update(tasks).where(tasks.c.id == of_wang).values(claimed_by="wang")
    await homes.site.store.write(lambda s: s.execute(by_wang))

    with pytest.raises(Conflict):
        await homes.site.doors.claim_task(of_nobody, "li")

    await homes.site.doors.claim_task(of_nobody, "wang")
    claimed = [(await homes.listed(journey=homes.of[unit]))[0]["claimed_by"] for unit in ("1-501", "1-502")]
    assert claimed == ["wang", "wang"]


@pytest.mark.parametrize("units", [["1-503"], ["1-501", "9-9"], [], "1-501"])
async def test_a_unit_that_the_call_is_not_about_is_refused_and_nothing_is_taken(homes: Homes, units: Any) -> None:
    (call,) = [row for row in await homes.listed() if row["homes"]]

    with pytest.raises(InvalidInput) as refused:
        await homes.site.doors.task_result(call["id"], {"reached": True, "by": "wang", "units": units})

    assert refused.value.errors[0].field.startswith("units")
    assert await homes.state("1-501") is State.OPEN


async def test_homes_whose_days_differ_are_called_about_one_by_one(store: Store, tmp_path: Path) -> None:
    site = await ground(store, tmp_path, instant("2026-05-21 10:00"))
    found = Homes(site)
    await found.start("1-501", COUPLE)
    await found.start("1-502", COUPLE, contract="2026-07-02")
    site.clock.instant = instant("2026-06-24 10:00")

    await found.open_calls()

    assert sorted((row["unit"], row["homes"]) for row in await found.listed()) == [("1-501", []), ("1-502", [])]


async def test_a_call_that_is_given_away_moves_with_every_home_it_is_about(homes: Homes) -> None:
    (call,) = [row for row in await homes.listed() if row["homes"]]
    body = {"to": "project-cs", "reason": "管家休假", "id": "a1"}

    acted = await homes.site.doors.assign_task(call["id"], body, by="王芳")
    again = await homes.site.doors.assign_task(call["id"], body, by="王芳")

    listed = await homes.listed()
    (moved,) = [row for row in listed if row["homes"]]
    assert sorted(home["unit"] for home in moved["homes"]) == ["1-501", "1-502"]
    assert moved["role"] == "project-cs"
    assert {row["role"] for row in listed if not row["homes"]} == {call["role"]}  # the neighbour's stays
    assert len(acted.also) == 1
    assert again.answer.event == acted.answer.event
    for unit in ("1-501", "1-502"):
        await homes.state(unit)
    (planned,) = [row for row in await homes.listed() if row["homes"]]
    assert planned["role"] == "project-cs"


async def test_a_call_given_to_a_colleague_is_his_for_every_home(homes: Homes) -> None:
    (call,) = [row for row in await homes.listed() if row["homes"]]

    await homes.site.doors.assign_task(call["id"], {"to": "李芳", "reason": "熟悉业主"}, by="王芳")

    own = [await homes.listed(journey=homes.of[unit]) for unit in ("1-501", "1-502", "1-503")]
    assert [rows[0]["claimed_by"] for rows in own] == ["李芳", "李芳", None]
