"""Homes and owners follow the facts: one journey has a home, whatever was told in whatever order."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from journey.domain.errors import Conflict, InvalidInput
from journey.domain.moves import MoveKind
from journey.store import schema
from journey.store import tables as t
from journey.store.case_queries import cases_view
from journey.store.engine import Store
from journey.store.opening import open_next
from journey.store.performing import Wanted
from journey.store.planning import plan_agenda
from journey.store.registry import CLOSED
from starter.answers import Answer
from tests.activities.ground import NAMESPACE, Ground, ground
from tests.records import instant

MORNING = instant("2026-03-16 10:00")
LI = {"ref": "lf", "name": "李芳", "phone": "13900139000"}


@pytest_asyncio.fixture
async def home(store: Store, tmp_path: Path) -> Ground:
    """A subscribed home without Temporal, on each engine."""
    made = await ground(store, tmp_path, MORNING)
    await made.start()
    return made


async def begin(home: Ground, unit: str | None = None, **owner: Any) -> str:
    """Another journey of the project; its id."""
    body: dict[str, Any] = {"project": "XN", "owners": [{"ref": "wq", "name": "王强"} | owner]}
    return str((await home.doors.start_journey(body | ({"unit": unit} if unit else {}))).journey["id"])


async def tell(home: Ground, where: str, kind: str, ident: str, minutes: int = 0, /, **data: Any) -> Answer:
    """Tell a fact that happened `minutes` from the clock."""
    at = home.clock.instant + timedelta(minutes=minutes)
    person = data.pop("person", None)
    event = {"id": ident, "type": kind, "occurred_at": at.isoformat(), "data": data}
    return await home.doors.tell_journey(where, event | ({"person": person} if person else {}))


async def plan(home: Ground, *names: str) -> None:
    """Plan journeys and perform what begins or tells another one, until nothing of it is due."""
    waiting = list(names) or await home.store.read(_all)
    while waiting:
        journey = waiting.pop(0)
        planned = await home.store.write(plan_agenda, journey, home.clock.instant, by=home.site.planner)
        for move in planned.plan.moves if planned.plan else ():
            if move.kind.value == "begin":
                wanted = Wanted(journey, move.key, move.due, move.seen, home.clock.instant, NAMESPACE)
                opened = await home.store.write(open_next, wanted, home.clock.instant)
                assert opened is not None
                waiting += [opened.journey] if opened.journey else []
                waiting.append(journey)
                break


async def verdict(home: Ground, ident: str) -> tuple[str, str | None]:
    """Verdict and reason of a told event."""
    row = await home.store.read(
        lambda s: s.execute(select(t.events.c.verdict, t.events.c.reason).where(t.events.c.source_id == ident)).one()
    )
    return row.verdict, (row.reason or {}).get("code")


async def unit_of(home: Ground, journey: str) -> str | None:
    """The code of a journey's home."""
    return await home.store.read(
        lambda s: s.execute(
            select(t.units.c.code)
            .join(t.journeys, t.journeys.c.unit_id == t.units.c.id)
            .where(t.journeys.c.id == journey)
        ).scalar()
    )


async def status_of(home: Ground, journey: str) -> str:
    """The status in the journey's row."""
    return await home.store.read(
        lambda s: s.execute(select(t.journeys.c.status).where(t.journeys.c.id == journey)).scalar_one()
    )


async def owners_of(home: Ground, journey: str) -> list[str]:
    """The refs of a journey's owners, the primary contact first."""
    return await home.store.read(
        lambda s: list(
            s.execute(
                select(t.persons.c.ref)
                .join(t.parties, t.parties.c.person_id == t.persons.c.id)
                .join(t.journeys, t.journeys.c.episode_id == t.parties.c.episode_id)
                .where(t.journeys.c.id == journey)
                .order_by(t.parties.c.position)
            ).scalars()
        )
    )


async def test_a_lead_that_subscribes_has_the_home_under_the_same_journey(home: Ground) -> None:
    lead = await begin(home)

    await tell(home, lead, "subscription.signed", "sub", on="2026-03-16", unit="3-1-9")
    await plan(home, lead)

    assert await unit_of(home, lead) == "3-1-9"
    with pytest.raises(Conflict, match="3-1-9"):
        await begin(home, "3-1-9", ref="other")


async def test_a_change_to_a_home_that_has_an_owner_waits_until_it_is_free(home: Ground) -> None:
    other = await begin(home, "3-1-9")
    await tell(home, home.journey, "unit.changed", "chg", on="2026-03-16", to="3-1-9")
    await plan(home)
    waits = await verdict(home, "chg"), await unit_of(home, home.journey)

    await tell(home, other, "lead.lost", "lost", 1)
    home.clock.instant += timedelta(minutes=2)
    await plan(home, other)
    concerned = await home.store.read(lambda s: s.execute(select(t.changes.c.concerns)).scalars().all())
    await plan(home, home.journey)

    assert waits == (("parked", "home-held"), "3-1-1202")
    assert {"journeys": [home.journey]} in concerned
    assert (await verdict(home, "chg"), await unit_of(home, home.journey)) == (("applied", None), "3-1-9")
    assert await begin(home, "3-1-1202", ref="next")


async def test_a_change_to_a_building_nobody_heard_of_is_parked(home: Ground) -> None:
    await tell(home, home.journey, "unit.changed", "chg", on="2026-03-16", to="99-1-1")

    await plan(home)

    assert await verdict(home, "chg") == ("parked", "unknown-reference")
    assert await unit_of(home, home.journey) == "3-1-1202"


async def test_a_change_of_home_that_was_a_mistake_goes_back(home: Ground) -> None:
    await tell(home, home.journey, "unit.changed", "chg", on="2026-03-16", to="3-1-9")
    await plan(home)
    await tell(home, home.journey, "event.voided", "void", 1, event_id="chg", reason="录错")
    home.clock.instant += timedelta(minutes=2)
    await plan(home)

    assert await unit_of(home, home.journey) == "3-1-1202"
    assert await begin(home, "3-1-9")


async def test_a_home_whose_subscription_was_cancelled_is_sold_again_and_words_go_to_the_owner_of_their_day(
    home: Ground,
) -> None:
    await tell(home, home.journey, "subscription.cancelled", "off", 5, on="2026-03-16", reason="贷款未批")
    home.clock.instant += timedelta(hours=1)
    await plan(home)
    second = await begin(home, "3-1-1202")

    late = await tell(home, "XN/3-1-1202", "promise.recorded", "late", -58, what="送车位")
    new = await tell(home, "XN/3-1-1202", "subscription.signed", "resold", -5, on="2026-03-16")
    again = await tell(home, "XN/3-1-1202", "promise.recorded", "late", -58, what="送车位")
    told = await home.store.read(lambda s: dict(s.execute(select(t.events.c.id, t.events.c.journey_id)).all()))

    assert (await status_of(home, home.journey), await status_of(home, second)) == ("lost", "active")
    assert (told[late.event], told[new.event]) == (home.journey, second)
    assert again.event == late.event


async def test_a_closing_taken_back_after_the_home_was_sold_again_asks_a_person(home: Ground) -> None:
    await tell(home, home.journey, "subscription.cancelled", "off", 5, on="2026-03-16", reason="贷款未批")
    home.clock.instant += timedelta(hours=1)
    await plan(home)
    second = await begin(home, "3-1-1202")
    await tell(home, home.journey, "event.voided", "void", event_id="off", reason="录错")
    await plan(home)
    displaced = await status_of(home, home.journey)
    asked = (await home.plan()).moves[0].key

    await tell(home, second, "lead.lost", "lost", 1)
    home.clock.instant += timedelta(minutes=2)
    await plan(home, second, home.journey)

    assert (displaced, asked.split("/")[0]) == ("cancelled", "ownership.double-sale")
    assert await status_of(home, home.journey) == "active"


async def test_who_leaves_gets_nothing_more_and_who_joins_is_known_with_all_that_came_along(home: Ground) -> None:
    await tell(home, home.journey, "parties.changed", "par", on="2026-03-16", owners=[LI | {"consents": ["care"]}])
    await plan(home)
    joined = await owners_of(home, home.journey)
    person = await home.store.read(
        lambda s: s.execute(select(t.contacts.c.address).join(t.persons, t.persons.c.id == t.contacts.c.person_id)
                            .where(t.persons.c.ref == "lf")).scalar()
    )  # fmt: skip
    await tell(home, home.journey, "consent.withdrawn", "out", person="zw", purpose="care", evidence="电话")
    await tell(home, home.journey, "event.voided", "void", 1, event_id="par", reason="录错")
    home.clock.instant += timedelta(minutes=2)
    await plan(home)

    assert (joined, person) == (["lf"], "+8613900139000")
    assert await owners_of(home, home.journey) == ["zw"]


async def test_a_fact_about_a_person_of_another_home_is_refused_or_waits(home: Ground) -> None:
    await begin(home, "3-1-9")

    with pytest.raises(InvalidInput, match="no owner of this journey"):
        await tell(home, home.journey, "consent.given", "c", person="wq", purpose="care", evidence="短信")
    await tell(home, home.journey, "call.result", "call", person="wq", reached=True, at=MORNING.isoformat())
    await plan(home)
    waits = await verdict(home, "call")
    await tell(home, home.journey, "parties.changed", "par", on="2026-03-16", owners=["zw", "wq"])
    await plan(home)

    assert (waits, await verdict(home, "call")) == (("parked", "not-of-this-home"), ("applied", None))


async def test_homes_of_the_same_owners_are_one_household(home: Ground) -> None:
    pair = [{"ref": "zw", "name": "张伟"}, LI]
    ids = []
    for unit, owners in (("3-1-8", pair), ("3-1-9", pair[::-1]), ("3-1-7", pair[:1])):
        started = await home.doors.start_journey({"project": "XN", "unit": unit, "owners": owners})
        ids.append(started.journey["id"])
    found = await home.store.read(
        lambda s: dict(
            s.execute(
                select(t.journeys.c.id, t.episodes.c.household_id).join(
                    t.episodes, t.episodes.c.id == t.journeys.c.episode_id
                )
            ).all()
        )
    )

    assert found[ids[0]] == found[ids[1]]
    assert found[ids[2]] == found[home.journey] != found[ids[0]]


async def test_two_who_want_one_home_at_once_are_one_owner_and_one_who_waits(home: Ground) -> None:
    leads = [await begin(home, ref=f"lead-{number}") for number in range(4)]
    for lead in leads:
        await tell(home, lead, "subscription.signed", f"sub-{lead}", on="2026-03-16", unit="3-1-9")

    await asyncio.gather(*(plan(home, lead) for lead in leads))

    found = [await unit_of(home, lead) for lead in leads]
    assert sorted(found, key=str) == ["3-1-9", None, None, None]


STEPS: Sequence[Callable[[int], tuple[str, dict[str, Any]]]] = (
    lambda unit: ("subscription.signed", {"unit": f"3-{unit}"}),
    lambda unit: ("unit.changed", {"to": f"3-{unit}"}),
    lambda _: ("subscription.cancelled", {"reason": "贷款未批"}),
    lambda _: ("contract.signed", {"contract_handover_date": "2026-12-31"}),
    lambda _: ("contract.cancelled", {"reason": "失业"}),
    lambda _: ("handover.accepted", {}),
    lambda unit: ("ownership.transferred", {"kind": "resale", "to": [{"ref": f"buyer-{unit}", "name": "买家"}]}),
    lambda unit: ("parties.changed", {"owners": [{"ref": f"joiner-{unit}", "name": "新人"}]}),
    lambda unit: ("event.voided", {"event_id": str(unit), "reason": "录错"}),
)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, len(STEPS) - 1), st.integers(0, 3)), max_size=9))
def test_no_order_of_facts_gives_a_home_two_open_journeys(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, int, int]]
) -> None:
    asyncio.run(_told_in_any_order(tmp_path_factory.mktemp("any-order"), steps))


async def _told_in_any_order(folder: Path, steps: list[tuple[int, int, int]]) -> None:
    url = f"sqlite:///{folder / 'store.db'}"
    schema.upgrade(url)
    with Store(url, commit_pause=0) as store:
        home = await ground(store, folder, MORNING)
        homes = [await begin(home, unit, ref=f"own-{unit}") for unit in ("3-1", "3-2", None)]
        for number, (which, step, unit) in enumerate(steps):
            home.clock.instant += timedelta(days=1)
            kind, data = STEPS[step](unit)
            on = {} if kind == "event.voided" else {"on": home.clock.instant.date().isoformat()}
            await tell(home, homes[which], kind, str(number), 0, **data, **on)
            await plan(home)
            assert await store.read(_most_on_one_home) <= 1
        await plan(home)
        assert await store.read(_most_on_one_home) <= 1


def _most_on_one_home(session: Session) -> int:
    """The largest number of journeys that are not closed on one home."""
    counted = (
        select(func.count())
        .where(t.journeys.c.unit_id.is_not(None), t.journeys.c.status.not_in(CLOSED))
        .group_by(t.journeys.c.unit_id)
    )
    return max(session.execute(counted).scalars(), default=0)


def _all(session: Session) -> list[str]:
    return list(session.execute(select(t.journeys.c.id).order_by(t.journeys.c.started_at)).scalars())


async def test_a_repair_goes_to_the_next_owner_as_it_was_told_right(home: Ground) -> None:
    await tell(home, home.journey, "handover.accepted", "keys", 0, on=home.clock.instant.date().isoformat())
    home.clock.instant += timedelta(days=2)
    await tell(home, home.journey, "defect.reported", "leak", 0, category="finishing", severity="general", text="x")
    right = {"category": "waterproofing", "severity": "emergency"}
    await tell(home, home.journey, "event.corrected", "fix", 0, event_id="leak", reason="x", data=right)
    await plan(home, home.journey)
    home.clock.instant += timedelta(days=1)
    await tell(home, home.journey, "ownership.transferred", "sold", 0, **sale(home))

    await plan(home, home.journey)

    told = await home.store.read(_defects)
    assert [defect for journey, *defect in told if journey != home.journey] == [["waterproofing", "emergency"]]


async def test_what_was_done_for_a_repair_goes_along_with_the_home_without_names(home: Ground) -> None:
    await tell(home, home.journey, "handover.accepted", "keys", 0, on=home.clock.instant.date().isoformat())
    home.clock.instant += timedelta(days=2)
    await tell(home, home.journey, "defect.reported", "leak", 0, category="finishing", severity="general", text="x")
    for minutes, kind in enumerate(("case.acknowledged", "case.on_site", "case.fixed", "case.reopened"), 10):
        await tell_of_leak(home, kind, minutes, by="zw")
    await tell_of_leak(home, "case.reassigned", 20, by="property-cs", to="warranty-office")
    home.clock.instant += timedelta(hours=1)
    await plan(home, home.journey)
    old = await repair_of(home, home.journey)
    await tell(home, home.journey, "ownership.transferred", "sold", 0, **sale(home))

    await plan(home, home.journey)

    (following,) = [each for each in await home.store.read(_all) if each != home.journey]
    new = await repair_of(home, following)
    same = ("level", "opened_at", "reopened", "reassigned", "state", "clocks")
    assert (old["level"], len(old["reopened"])) == ("L1", 1)
    assert {name: new[name] for name in same} == {name: old[name] for name in same}
    assert (await repair_of(home, home.journey))["state"] == "transferred"
    told = await home.store.read(lambda s: s.execute(select(t.events).where(t.events.c.journey_id == following)).all())
    assert not [row for row in told if "zw" in str(row.data) or "张" in str(row.data)]


async def test_what_staff_report_on_their_tasks_goes_along_as_steps_of_the_case(home: Ground) -> None:
    await tell(home, home.journey, "handover.accepted", "keys", 0, on=home.clock.instant.date().isoformat())
    home.clock.instant += timedelta(days=2)
    answer = await tell(
        home, home.journey, "defect.reported", "leak", 0, category="finishing", severity="general", text="x"
    )
    at = home.clock.instant.isoformat()
    about = {"item": "repair.on-site", "occurrence": answer.event}
    visit = {"id": "seen", "type": "visit.recorded", "occurred_at": at, "data": {"at": at, "by": "wang"}}
    await home.doors.tell_journey(home.journey, visit | {"about": about})
    home.clock.instant += timedelta(minutes=10)
    await tell(home, home.journey, "ownership.transferred", "sold", 0, **sale(home))

    await plan(home, home.journey)

    (following,) = [each for each in await home.store.read(_all) if each != home.journey]
    told = await home.store.read(
        lambda s: s.execute(select(t.events.c.type).where(t.events.c.journey_id == following)).scalars().all()
    )
    assert "case.on_site" in told


async def tell_of_leak(home: Ground, kind: str, minutes: int, **data: Any) -> None:
    """Tell a step of the repair."""
    at = (home.clock.instant + timedelta(minutes=minutes)).isoformat()
    event = {"id": f"{kind}-{minutes}", "type": kind, "occurred_at": at, "data": data, "about": {"case": "leak"}}
    await home.doors.tell_journey(home.journey, event)


async def repair_of(home: Ground, journey: str) -> dict[str, Any]:
    """The one repair of a journey."""
    (found,) = await home.store.read(cases_view, journey)
    return found


async def test_a_transfer_that_is_taken_back_before_its_move_begins_nothing(home: Ground) -> None:
    await tell(home, home.journey, "handover.accepted", "keys", 0, on=home.clock.instant.date().isoformat())
    home.clock.instant += timedelta(days=2)
    await tell(home, home.journey, "ownership.transferred", "sold", 0, **sale(home))
    planned = await home.store.write(plan_agenda, home.journey, home.clock.instant, by=home.site.planner)
    assert planned.plan is not None
    (move,) = [move for move in planned.plan.moves if move.kind is MoveKind.BEGIN]
    await tell(home, home.journey, "event.voided", "void", 1, event_id="sold", reason="x")

    wanted = Wanted(home.journey, move.key, move.due, move.seen, home.clock.instant, NAMESPACE)
    opened = await asyncio.wait_for(home.store.write(open_next, wanted, home.clock.instant), 10)

    assert opened is None


def sale(home: Ground) -> dict[str, Any]:
    """A resale of today to 李芳."""
    return {"kind": "resale", "on": home.clock.instant.date().isoformat(), "to": [{"ref": "lf", "name": "李芳"}]}


def _defects(session: Session) -> list[tuple[str, str, str]]:
    rows = session.execute(select(t.events.c.journey_id, t.events.c.data).where(t.events.c.type == "defect.reported"))
    return [(row.journey_id, row.data["category"], row.data["severity"]) for row in rows]


@pytest.mark.parametrize(
    ("kind", "field", "more"),
    [("parties.changed", "owners", {}), ("ownership.transferred", "to", {"kind": "resale"})],
)
async def test_an_owner_whom_nobody_knows_by_his_ref_needs_a_name(
    home: Ground, kind: str, field: str, more: dict[str, Any]
) -> None:
    owners = [{"ref": "zw"}, {"ref": "qq"}, {"ref": "lf", "name": "李芳"}]
    with pytest.raises(InvalidInput) as refused:
        await tell(home, home.journey, kind, "par", on="2026-03-16", **more, **{field: owners})

    assert [(error.field, error.rule) for error in refused.value.errors] == [(f"data/{field}/1/name", "required")]
    assert await home.store.read(lambda s: s.scalar(select(func.count()).select_from(t.persons))) == 1
