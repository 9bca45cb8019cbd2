"""What an import says before anything is committed, beside what the engine then does."""

import asyncio
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from journey.adapters.packs import read_pack
from journey.domain.errors import InvalidInput, NotFound
from journey.store import tables as t
from journey.store.engine import Store
from journey.store.shelf import Shelf
from starter.importing import ExportFile, Project, import_export
from starter.importing.checking import Checked, check_export
from starter.importing.foreseeing import foresee
from starter.importing.reading import read_export
from starter.importing.within import Within
from tests.activities.ground import Ground, ground
from tests.engine import engine
from tests.records import instant

NOW = instant("2026-11-23 09:00")
XN = Project("XN", "香年", "成都")
HEADING = "楼栋,房号,客户编号,客户姓名,手机号,合同编号,认购日期,签约日期,备案日期,合同交付日期,竣工验收日期,交付日期"
# Signed 2019, handed over 2021; filed in time, too late, and never.
MIDWAY = "3栋,3-1-101,C1,张伟,13800138000,HT-1,2019-03-01,2019-03-10,2019-03-20,2021-06-30,2021-05-30,2021-06-28"
LATE = "3栋,3-1-102,C2,李娜,13800138001,HT-2,2019-03-01,2019-03-10,2019-06-20,2021-06-30,2021-05-30,2021-06-28"
NEVER = "3栋,3-1-103,C3,王强,,HT-3,2019-03-01,2019-03-10,,2021-06-30,2021-05-30,2021-06-28"
FRESH = "5栋,5-1-101,C4,赵敏,13800138003,HT-4,{subscribed},{signed},,2028-06-30,,"
# Its two-year covers end together in about two months: their notices are due within days, and go out as one.
ENDING = "2栋,2-1-101,C6,孙丽,13800138005,HT-6,2019-03-01,2019-03-10,2019-03-20,2021-06-30,2021-05-30,{handed_over}"
FILING = "signing.filing"
NOTICE = "warranty.expiry-notice"
DRAWN = ("occupancy.home-visit", "before-go-live")  # by lot among the homes of a batch


def rows(now: datetime, *lines: str) -> bytes:
    """An export, its fresh home subscribed and signed on the day of the import."""
    today = (now + timedelta(hours=8)).date()
    handed_over = today + timedelta(days=66 - 2 * 365)
    filled = [line.format(subscribed=today, signed=today, handed_over=handed_over) for line in lines]
    return "\r\n".join([HEADING, *filled]).encode("utf-8-sig")


def checked(now: datetime, *lines: str) -> Checked:
    return check_export(read_export(rows(now, *lines)), project="XN", today=(now + timedelta(hours=8)).date())


async def foreseen(home: Ground, *lines: str, project: Project = XN) -> dict[str, Any]:
    """The outlook of the one project, and proof that nothing was written for it."""
    before = await home.store.read(_counts)
    found = await foresee(home.store, Shelf(read_pack), checked(NOW, *lines), project, NOW)
    assert await home.store.read(_counts) == before
    assert found.errors == []
    return found.projects[0]


def _counts(session: Session) -> dict[str, int]:
    return {
        name: session.scalar(select(func.count()).select_from(table)) or 0 for name, table in t.metadata.tables.items()
    }


@pytest.fixture
async def home(store_sqlite: Store, tmp_path: Path) -> Ground:
    return await ground(store_sqlite, tmp_path, NOW)


async def test_what_was_due_before_is_missed_by_rule_and_says_so(home: Ground) -> None:
    said = await foreseen(home, MIDWAY, LATE, NEVER)

    missed = {(group["rule"], group["reason"]): group for group in said["missed"]}
    filing = missed[FILING, "before-go-live"]
    assert (filing["count"], filing["statutory"], filing["first"]) == (3, True, "2019-04-09")
    assert filing["title"] == "合同备案"
    assert missed["signing.keeper-contact", "before-go-live"]["count"] == 3
    assert all(group["last"] < "2026-11-23" for group in said["missed"])


def of_rule(said: Mapping[str, Any], rule: str) -> list[Mapping[str, Any]]:
    """The statutory duties of one rule."""
    return [duty for duty in said["statutory"] if duty["rule"] == rule]


async def test_statutory_duties_are_listed_with_home_legal_date_and_how_they_stand(home: Ground) -> None:
    said = await foreseen(home, MIDWAY, LATE, NEVER)

    filing, title = of_rule(said, FILING), of_rule(said, "handover.title")
    assert [(duty["unit"], duty["standing"], duty["legal_date"], duty["met_on"]) for duty in filing] == [
        ("3-1-102", "met-late", "2019-04-09", "2019-06-20"),
        ("3-1-103", "missed", "2019-04-09", None),
    ]
    assert {(duty["unit"], duty["standing"], duty["legal_date"]) for duty in title} == {
        ("3-1-101", "missed", "2021-09-26"),
        ("3-1-102", "missed", "2021-09-26"),
        ("3-1-103", "missed", "2021-09-26"),
    }
    assert said["statutory_met"] == 1
    assert filing[1]["text"] == "法定期限已过,未见履行记录"


async def test_a_legal_date_that_rolled_past_go_live_is_not_given_up(home: Ground) -> None:
    # Signed 2026-10-22: our last day is Saturday 11-21, the law's rolls to Monday 11-23, the day of the import.
    line = "3栋,3-1-101,C1,张伟,13800138000,HT-1,2026-10-20,2026-10-22,,2028-06-30,,"

    said = await foreseen(home, line)

    assert [(duty["standing"], duty["legal_date"]) for duty in said["statutory"]] == [("still-due", "2026-11-23")]


async def test_homes_midway_through_their_warranty_hear_of_what_is_still_ahead_only(home: Ground) -> None:
    said = await foreseen(home, MIDWAY)

    # Handed over 2021-06-28: five-year cover ended in June 2026, nothing is left to say in the first fourteen days.
    assert (said["messages"], said["leaving"]) == (0, [])


async def test_a_go_live_ahead_misses_what_is_due_until_then_and_looks_two_weeks_beyond_it(home: Ground) -> None:
    later = Project("YY", "云栖", "成都", go_live_at=NOW + timedelta(days=5))
    line = FRESH.replace("HT-4", "HT-9")

    said = (await foresee(home.store, Shelf(read_pack), _renamed(line), later, NOW)).projects[0]
    at_once = await foreseen(home, line)

    assert said["until"] == "2026-12-12T09:00:00+08:00"
    missed = {group["rule"] for group in said["missed"]}
    leaving = {each["rule"] for each in at_once["leaving"]}
    assert "signing.keeper-contact" in leaving
    assert missed > {group["rule"] for group in at_once["missed"]}


def _renamed(line: str) -> Checked:
    return check_export(read_export(rows(NOW, line)), project="YY", today=NOW.date())


async def test_a_home_without_an_address_is_named_before_its_message_fails(home: Ground) -> None:
    said = await foreseen(home, FRESH.replace("13800138003", ""), FRESH.replace("5-1-101", "5-1-102"))

    kept = {(each["rule"], each["reason"]): each["count"] for each in said["kept"]}
    assert set(kept.values()) == {1}
    assert {code for _, code in kept} == {"no-address"}


async def test_a_missing_project_is_said_before_any_row_is_planned(home: Ground) -> None:
    with pytest.raises(NotFound):
        await foresee(home.store, Shelf(read_pack), _renamed(MIDWAY), Project("YY"), NOW)


async def test_a_home_that_is_there_already_is_foreseen_with_what_it_has(home: Ground) -> None:
    first = checked(NOW, NEVER).homes[0]
    body = {"project": "XN", "unit": first.unit, "owners": list(first.owners), "facts": list(first.facts)}
    home.journey = (await home.doors.start_journey(body)).journey["id"]
    await home.plan()

    again = await foreseen(home, NEVER)

    filed = await foreseen(home, NEVER.replace("2019-03-10,,", "2019-03-10,2019-08-01,"))
    assert (again["homes"], again["new"]) == (1, 0)
    assert [duty["standing"] for duty in of_rule(again, FILING)] == ["missed"]
    assert [duty["standing"] for duty in of_rule(filed, FILING)] == ["met-late"]


async def test_a_duty_of_the_law_that_a_home_of_ours_hears_of_too_late_opens_overdue(home: Ground) -> None:
    home.clock.instant = instant("2026-03-16 10:00")
    owner = {"ref": "C3", "name": "王强", "phone": "13800138002"}
    body = {"project": "XN", "unit": "3-1-103", "owners": [owner]}
    home.journey = (await home.doors.start_journey(body)).journey["id"]
    await home.plan()
    home.clock.instant = NOW

    said = await foreseen(home, NEVER.replace("2019-03", "2026-04").replace("2021-", "2026-"))

    assert [(duty["standing"], duty["legal_date"]) for duty in of_rule(said, FILING)] == [("late", "2026-05-11")]
    assert FILING in {each["rule"] for each in said["leaving"] if each["day"] == "2026-11-23"}


async def test_the_sample_that_enters_mid_life_has_years_of_past_and_leaves_only_what_is_ahead(home: Ground) -> None:
    sample = Path(__file__).parents[3] / "docs" / "samples" / "midlife-export.csv"
    sheet = check_export(read_export(sample.read_bytes()), project="YQ", today=NOW.date())
    project = Project("YQ", "云栖", "成都", go_live_at=NOW)

    said = (await foresee(home.store, Shelf(read_pack), sheet, project, NOW)).projects[0]

    assert said["homes"] >= 60
    assert {error.rule for error in sheet.errors} >= {"not-a-phone", "not-a-date", "duplicate-unit", "wrong-order"}
    assert min(group["first"] for group in said["missed"]) < "2020-01-01"
    assert {duty["standing"] for duty in said["statutory"]} >= {"missed", "met-late"}
    assert said["messages"] > 0 < said["tasks"]
    assert {each["day"] for each in said["leaving"]} <= {
        (NOW + timedelta(days=ahead)).date().isoformat() for ahead in range(15)
    }


@pytest.mark.slow
async def test_the_engine_then_does_what_the_dry_run_said(store_sqlite: Store, tmp_path: Path) -> None:
    async with engine(store_sqlite, tmp_path, cached=20) as running:
        now = await running.now()
        lines = (MIDWAY, LATE, NEVER, ENDING, FRESH, FRESH.replace("5-1-101", "5-1-102").replace("C4", "C5"))
        said = (await foresee(running.store, running.site.shelf, checked(now, *lines), XN, now)).projects[0]

        outlook = {"outlook": [said], "errors": []}
        api = Within(running.doors, running.store, asyncio.get_running_loop(), outlook)
        report = await asyncio.to_thread(import_export, ExportFile("export.csv", rows(now, *lines)), api, XN, now=now)
        await running.move(days=14)
        did = await running.store.read(_did)

    assert (report.started, report.errors, report.outlook) == (6, [], [said])
    missed = Counter({(g["rule"], g["reason"]): g["count"] for g in said["missed"]})
    # One of each batch. The engine draws while homes come in, so that more can have been drawn for a while.
    assert missed.pop(DRAWN) == 2 <= did["missed"].pop(DRAWN) <= 4
    assert did["missed"] == missed
    messages = Counter({(e["day"], e["channel"], e["rule"]): e["count"] for e in said["leaving"] if e["channel"]})
    tasks = Counter({(e["day"], e["role"], e["rule"]): e["count"] for e in said["leaving"] if not e["channel"]})
    assert did["messages"] == messages
    assert did["tasks"] == tasks
    assert [count for (_, _, rule), count in messages.items() if rule == NOTICE] == [1]
    assert sum(tasks.values()) > 0


def _did(session: Session) -> dict[str, Counter[Any]]:
    """What really happened to homes: entries missed, messages sent and tasks opened, by day and rule.

    The report is about homes; what their project and its batches ask for is on agendas of their own.
    """
    of_homes = t.entries.c.scope == "journey"
    entries = session.execute(select(t.entries).where(t.entries.c.state == "missed", of_homes)).all()
    sent = session.execute(select(t.messages).where(t.messages.c.sent_at.is_not(None))).all()
    opened = session.execute(select(t.tasks).where(t.tasks.c.journey_id.is_not(None))).all()
    return {
        "missed": Counter((row.key.split("/")[0], row.reason["code"]) for row in entries),
        "messages": Counter((_day(row.sent_at), row.channel, row.entry_key.split("/")[0]) for row in sent),
        "tasks": Counter((_day(row.opened_at), row.role, row.rule) for row in opened),
    }


def _day(instant: datetime) -> str:
    return (instant + timedelta(hours=8)).date().isoformat()


async def test_a_go_live_of_a_wrong_year_is_refused_in_the_dry_run_as_at_the_door(home: Ground) -> None:
    far = Project("YY", "云栖", "成都", go_live_at=NOW + timedelta(days=800))

    with pytest.raises(InvalidInput, match="go_live_at"):
        await foresee(home.store, Shelf(read_pack), _of_yy(MIDWAY), far, NOW)


def _of_yy(line: str) -> Checked:
    return check_export(read_export(rows(NOW, line)), project="YY", today=NOW.date())
