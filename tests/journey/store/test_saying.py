"""What the lint lets a text say is what the items of its rule really say: nothing less, nothing more."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from journey.adapters.templates import render
from journey.domain.entries import State
from journey.domain.items import Item
from journey.domain.reasons import Reason
from journey.domain.saying import COMMON, ON_PAPER, SAYS, says, worded
from journey.store.reserving import variables
from tests.lives import begin, done_after
from tests.packs import BUILT_IN, POLICIES
from tests.records import SHANGHAI, completion, instant, told

HOME = SimpleNamespace(unit="3-1-1202", building="3", project_name="香年", zone=SHANGHAI)
WHO = SimpleNamespace(name="张伟", language="zh")
EMPTY: tuple[Any, ...] = (None, "", [])
# No item of these is met in the life below: they are of projects, open days, moved dates and appointments.
ELSEWHERE = {
    "broadcast.notice", "handover.reminder", "moved", "pre-handover.open-day-reminder", "pre-handover.progress-summary",
    "project.emergency", "project.greeting", "project.milestone-news", "repair.appointment-reminder",
    "signing.free-cancellation",
}  # fmt: skip


def said_in_a_life() -> Mapping[str, list[set[str]]]:
    """By template: the variables that were filled, each time a text went out."""
    found: dict[str, list[set[str]]] = defaultdict(list)

    def send(item: Item, now: datetime) -> tuple[State, Reason | None, datetime | None]:
        filled = {name for name, value in variables(HOME, WHO, item.params, now).items() if value not in EMPTY}
        found[str(item.params.get("template", item.rule))].append(filled - COMMON.keys())
        return State.SENT, None, None

    life = begin(
        "2025-03-15 10:00",
        told("subscription.signed", "2025-03-15 10:00"),
        told("contract.signed", "2025-03-20 10:00", contract_handover_date="2026-06-30"),
        told("handover.accepted", "2026-06-27 10:00"),
        told("keys.collected", "2026-06-27 11:00", on="2026-06-27"),
        told("fit_out.applied", "2026-07-10 10:00", ident="fit", on="2026-07-10"),
        told("fit_out.permitted", "2026-07-13 10:00", on="2026-07-13"),
        told("defect.reported", "2026-08-03 09:10", ident="leak1", category="plumbing", severity="general", text="x"),
        told("case.booked", "2026-08-03 10:00", about={"case": "leak1"}, slot="2026-08-06T02:00:00Z"),
        told("fit_out.completion_requested", "2026-11-20 10:00", on="2026-11-20"),
        told("fit_out.accepted", "2026-11-23 10:00", on="2026-11-23"),
        batch=completion("2026-04-28", "2026-04-29 09:00"),
    )
    life.send, life.staff = send, done_after()
    life.run(instant("2031-08-01 00:00"))
    return found


@pytest.fixture(scope="module")
def said() -> Mapping[str, list[set[str]]]:
    return said_in_a_life()


def test_every_text_that_goes_out_says_what_it_may_and_all_that_it_must(said: Mapping[str, list[set[str]]]) -> None:
    for template, sent in said.items():
        for filled in sent:
            assert says(template).always <= filled, template
            assert filled <= says(template).every, template


def test_the_life_meets_the_rules_that_say_more_than_what_is_common(said: Mapping[str, list[set[str]]]) -> None:
    sent = {template for template in SAYS if not template.startswith(ON_PAPER)}

    assert sent - {*said} == ELSEWHERE


@pytest.mark.parametrize("rule", ["project.milestone-news", "pre-handover.progress-summary"])
@pytest.mark.parametrize(("language", "words"), [("zh", "熟悉未来的社区"), ("en", "get to know your community")])
def test_news_that_the_landscaping_began_introduces_the_community(rule: str, language: str, words: str) -> None:
    text = (POLICIES / BUILT_IN / "templates" / language / f"{rule}.j2").read_text(encoding="utf-8")
    who = SimpleNamespace(name="张伟", language=language)

    began, topped = (
        render(text, worded(variables(HOME, who, {"milestones": told}, instant("2026-03-01 10:00")), language))
        for told in (["topped-out", "landscape-started"], ["topped-out", "landscape-complete"])
    )

    assert words in began
    assert words not in topped
