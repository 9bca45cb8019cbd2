"""A simulated life as it is drawn and explained, against what stands in its store."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.orm import Session
from temporalio.client import Client

from journey.domain.reasons import TEXTS
from journey.store.engine import Store
from journey.store.explaining import explain_item
from journey.store.lives import lives_view
from journey.store.shelf import Shelf
from journey.store.tables import entries, journeys
from starter.simulate.checks import read_scenario
from starter.simulate.driver import simulate
from starter.simulate.policies import read_pack
from starter.view import page
from starter.view.compact import compact
from tests.scenarios.living import FOLDER

pytestmark = pytest.mark.server
SCENARIO = read_scenario(FOLDER / "refused_handover.yaml")


@dataclass
class Seen:
    """What was looked at before the store went."""

    document: dict[str, Any] = field(default_factory=dict)
    lives: list[dict[str, Any]] = field(default_factory=list)
    states: dict[tuple[str, str], tuple[str, str | None]] = field(default_factory=dict)
    stages: dict[str, str] = field(default_factory=dict)
    explained: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    unknown: dict[str, Any] = field(default_factory=dict)

    async def look(self, client: Client, store: Store, ahead: timedelta) -> None:
        """Read lives, ledger and explanations."""
        await store.read(self._read)

    def _read(self, session: Session) -> None:
        shelf, now = Shelf(read_pack), SCENARIO.until
        first = lives_view(session, "XN", now, shelf=shelf, limit=2)
        rest = lives_view(session, "XN", now, shelf=shelf, cursor=first.next_cursor)
        self.lives = [*first.data, *rest.data]
        of_homes = entries.c.scope_id.in_(select(journeys.c.id))  # batches and projects have work of their own
        ledger = select(entries.c.scope_id, entries.c.key, entries.c.state, entries.c.reason).where(of_homes)
        rows = session.execute(ledger)
        self.states = {(row.scope_id, row.key): (row.state, (row.reason or {}).get("code")) for row in rows}
        self.stages = {row.id: row.stage for row in session.execute(select(journeys.c.id, journeys.c.stage))}
        for life in self.lives:
            for entry in life["entries"]:
                for lang in ("zh", "en"):
                    found = explain_item(session, life["id"], entry["key"], now, lang, shelf=shelf)
                    self.explained[life["id"], entry["key"], lang] = found
        self.unknown = explain_item(session, "XN/3-1-1", "signing.service-calback", now, "en", shelf=shelf)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def seen() -> Seen:
    found = Seen()
    found.document = await simulate(SCENARIO, look=found.look)
    await asyncio.sleep(0.1)  # the native threads of a closed client end a little later
    return found


def drawn(seen: Seen) -> dict[str, Any]:
    project = {"code": "XN", "name": "香年"}
    return {"kind": "simulate", "project": project, "now": SCENARIO.until.isoformat(), "lives": seen.lives}


async def test_a_drawn_life_tells_what_the_simulation_prints(seen: Seen) -> None:
    printed = {journey["id"]: journey for journey in seen.document["journeys"]}

    assert {life["id"] for life in seen.lives} == set(printed)
    for life in seen.lives:
        assert [_as_printed(entry) for entry in life["entries"]] == printed[life["id"]]["entries"]
        assert life["warranty"] == printed[life["id"]]["warranty"]


def _as_printed(entry: dict[str, Any]) -> dict[str, Any]:
    """Without what only a drawn life foresees: care that will not go."""
    return entry | ({"outlook": None, "reason": None, "why": None} if entry["outlook"] else {})


async def test_a_drawn_life_ends_in_the_stage_that_planning_wrote(seen: Seen) -> None:
    assert {life["id"]: life["stages"][-1]["stage"] for life in seen.lives} == seen.stages


async def test_every_row_of_the_ledger_is_a_mark_of_the_page_with_its_reason(seen: Seen) -> None:
    found = compact(drawn(seen))

    marks = {(life["i"], mark["k"]): mark for life in found["lives"] for mark in life["e"]}
    assert seen.states
    for place, (_, code) in seen.states.items():
        told = [tuple(found["texts"][number]) for number in marks[place].get("w", ())]
        assert code is None or any(same(zh, TEXTS[code][0]) for zh, _ in told), (place, code)


async def test_a_late_life_is_drawn_with_what_is_overdue(seen: Seen) -> None:
    overdue = {place for place, (state, _) in seen.states.items() if state in ("overdue", "escalated")}

    found = compact(drawn(seen))

    assert overdue
    assert {(life["i"], mark["k"]) for life in found["lives"] for mark in life["e"] if mark["g"] == "late"} == overdue


async def test_names_of_owners_are_masked_on_the_page(seen: Seen) -> None:
    html = page(drawn(seen))

    assert "张*" in html
    assert not [name for name in ("张伟", "李娜", "王芳", "赵强", "13800138000") if name in html]


async def test_every_item_is_explained_in_both_languages_with_rule_numbers_dates_and_a_way_to_change_it(
    seen: Seen,
) -> None:
    assert seen.explained
    for (_, key, lang), found in seen.explained.items():
        assert found["asked"]
        parts = {part["name"]: part["lines"] for part in found["sections"]}
        assert {line["code"] for line in parts["why"]} >= {"asked-by", "rule-says", "numbers-of", "calendar"}
        assert parts["when"][0]["code"] == "due"
        assert [name for name in ("waited", "who", "change") if not parts[name]] == []
        for line in (line for lines in parts.values() for line in lines):
            assert line["text"] != line["code"], (key, lang, line)
            assert "?" not in line["text"], (key, lang, line)  # what a parameter that is missing shows as


async def test_an_explanation_says_what_happened_in_the_order_of_the_timeline(seen: Seen) -> None:
    touched = [place for place, (state, _) in seen.states.items() if state == "escalated"]

    for journey, key in touched:
        happened = part(seen.explained[journey, key, "en"], "happened")
        codes = [line["code"] for line in happened]
        begun = [code for code in codes if code != "entry.held"]  # a notice waits for the gate of its batch first
        assert begun[0] == "entry.open", key
        assert codes.index("entry.overdue") < codes.index("entry.escalated")
        assert [line["at"] for line in happened] == sorted(line["at"] for line in happened)


async def test_an_explanation_names_the_numbers_with_pack_and_calendar(seen: Seen) -> None:
    found = next(found for (_, key, _), found in seen.explained.items() if key.startswith("signing.service-callback"))

    assert found["numbers"]["service_callback.within"] == "7d"
    assert found["pack"]
    assert found["calendar"]


async def test_an_item_that_nobody_asked_for_is_answered_with_the_nearest(seen: Seen) -> None:
    assert seen.unknown["asked"] is False
    assert seen.unknown["nearest"][0].startswith("signing.service-callback/")
    assert "no rule ever asked" in part(seen.unknown, "why")[0]["text"]


def part(found: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = next(each["lines"] for each in found["sections"] if each["name"] == name)
    return lines


def same(text: str, template: str) -> bool:
    """Whether a sentence was made of a template."""
    pieces = [piece.split("}")[-1] for piece in template.split("{")]
    at = 0
    for piece in pieces:
        at = text.find(piece, at)
        if at < 0:
            return False
        at += len(piece)
    return True


def test_the_templates_of_reasons_are_recognised() -> None:
    assert same("规则晚于该时段启用", TEXTS["newer-rule"][0])
    assert not same("已静默", TEXTS["newer-rule"][0])
