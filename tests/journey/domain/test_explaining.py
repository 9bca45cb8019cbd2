"""Why an item is as it is, for every state that it may have."""

import re
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest

from journey.domain.entries import RUNNING, State
from journey.domain.explaining import PARTS, Known, Line, Numbers, worded
from journey.domain.explanations import EXPLANATIONS, SECTIONS, explained
from journey.domain.reasons import TEXTS
from journey.domain.record import Hold
from journey.domain.rule_descriptions import ZH, described
from journey.domain.rule_numbers import numbers_read
from journey.domain.rules import RULES
from journey.domain.telling import LOADED
from tests.lives import item_of, planned
from tests.records import SHANGHAI, instant, pack, told

NOW = instant("2026-03-05 12:00")
SIGNED = told("contract.signed", "2026-03-02 10:00", contract_handover_date="2027-06-30")
CALLBACK = "signing.service-callback/epi_1/once"
FILING = "signing.filing/epi_1/once"
RULE_FILES = LOADED


def known(state: str, key: str = CALLBACK, lang: str = "en", **changes: Any) -> Known:
    """What is on record about an item of a home signed on 2 March."""
    item = item_of(planned("2026-03-02 10:01", SIGNED), key).document()
    at = None if state == "planned" else instant("2026-03-03 09:00")
    base = Known(key, item, state, SHANGHAI, NOW, RULES[key.split("/")[0]], lang, at=at, events={SIGNED.id: SIGNED})
    return replace(base, **changes)


def codes(it: Known, part: str) -> list[str]:
    return [line.code for line in PARTS[part](it)]


def texts(it: Known, part: str) -> str:
    return "\n".join(worded(line, it.lang)["text"] for line in PARTS[part](it))


@pytest.mark.parametrize("state", ["planned", *State])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_state_has_a_way_to_change_it_and_somebody_who_decided(state: str, lang: str) -> None:
    it = known(state, lang=lang, task="tsk_1")

    for name, part in PARTS.items():
        lines = [worded(line, lang) for line in part(it)]
        assert lines, name
        assert all(line["text"] != line["code"] for line in lines)


@pytest.mark.parametrize(
    ("code", "params", "way"),
    [
        ("no-consent", {"purpose": "care"}, "give-consent"),
        ("muted", {}, "release-hold"),
        ("bereavement", {}, "bereavement-ends"),
        ("cap", {}, "next-month"),
        ("no-address", {}, "new-contact"),
    ],
)
def test_what_was_not_sent_says_what_would_let_it_go(code: str, params: dict[str, Any], way: str) -> None:
    it = known(State.SUPPRESSED, reason={"code": code, "params": params})

    assert codes(it, "change") == [way]
    assert "now-because" in codes(it, "when")


@pytest.mark.parametrize("state", sorted(RUNNING))
def test_running_work_waits_for_its_result(state: State) -> None:
    it = known(state, task="tsk_1")

    assert "report the result: journey task done tsk_1" in texts(it, "change")


def test_a_statutory_duty_is_skipped_only_by_the_word_for_it() -> None:
    assert "statutory-skip" in codes(known("planned", FILING), "change")
    assert "skip" in codes(known("planned", CALLBACK), "change")


def test_an_item_stands_on_its_fact_with_the_day() -> None:
    assert "it stands on the fact Contract signed of 2026-03-02" in texts(known("planned"), "why")


def test_an_item_ahead_tells_when_it_opens_warns_and_goes_up() -> None:
    it = known("planned", FILING)

    assert {"opens", "legal-end", "escalates"} <= set(codes(it, "when"))
    assert codes(it, "waited") == ["waits-to-open"]


def test_the_date_says_why_it_is_not_the_plain_one() -> None:
    festival = told("contract.signed", "2026-09-25 10:00", contract_handover_date="2027-06-30")
    item = item_of(planned("2026-09-25 10:01", festival), CALLBACK).document()

    it = known("planned", item=item, events={festival.id: festival})

    assert {"plain-date", "pulled-before-holiday"} <= set(codes(it, "when"))
    assert "no-shift" not in codes(it, "when")


def test_quiet_hours_and_holds_are_what_it_waited_for() -> None:
    waits = [{"code": "entry.held", "at": NOW, "reason": {"code": "quiet-hours", "params": {"until": "08:00"}}}]
    hold = Hold("evt_h", "all", "mute", NOW, NOW + timedelta(days=1))

    it = known(State.SENT, waits=waits, holds=[hold])

    assert texts(it, "waited").splitlines() == [
        "held 2026-03-05 12:00: quiet hours; held until 08:00",
        "Mute from 2026-03-05 12:00 (all), released 2026-03-06 12:00",
    ]


def test_an_operator_is_named_with_the_reason() -> None:
    skip = told("item.skipped", "2026-03-04 10:00", key=CALLBACK, by="li", reason="业主要求")
    reason = {"code": "skipped-by-operator", "params": {"event": skip.id}}

    it = known(State.SKIPPED, decisions=[skip], reason=reason, fact=skip.id)

    assert "2026-03-04 10:00 li: Item skipped (业主要求)" in texts(it, "who")
    assert codes(it, "change") == ["undo"]


def test_an_item_without_any_intervention_says_that_nobody_intervened() -> None:
    assert "by-rule" in codes(known("planned"), "who")


def test_the_numbers_are_those_of_the_rule_with_pack_and_calendar() -> None:
    rule = RULES["signing.service-callback"]
    values = numbers_read(rule, pack().signing)
    used = Numbers("cn-residential", "1", "2026-01-01", "abcdef0123456789", "cn", "0123456789abcdef", values)

    said = texts(known("planned", numbers=used), "why")

    assert "service_callback.within = 7d" in said
    assert "abcdef012345" in said
    assert "keeper_contact" not in said


def written(value: Any) -> str:
    """A number as a pack writes it."""
    return value.strftime("%H:%M") if isinstance(value, time) else str(value)


def read_by(name: str) -> dict[str, str]:
    """The numbers that a rule reads of the built-in pack."""
    rule = RULES[name]
    return numbers_read(rule, getattr(pack(), rule.section))


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda rule: rule.id)
def test_every_rule_reads_numbers_that_its_section_has(rule: Any) -> None:
    section = getattr(pack(), rule.section)

    found = numbers_read(rule, section)

    own = rule.id.split(".", 1)[1].replace("-", "_")
    asked = own in type(section).model_fields and getattr(section, own) is not None
    assert found or not asked, "only what counts nothing, or reads a table that cases share, names none"
    for path, text in found.items():
        value: Any = section
        for name in path.split("."):
            value = value[int(name)] if isinstance(value, tuple) else getattr(value, name)
        assert text == (", ".join(map(written, value)) if isinstance(value, tuple) else written(value))


def test_a_part_that_is_handed_to_a_helper_is_found_under_its_own_path() -> None:
    found = numbers_read(RULES["handover.delay-case"], pack().handover)

    assert set(found) == {f"late.case.{name}" for name in ("within", "escalate", "window", "attempts")}


def test_numbers_are_found_in_helpers_of_other_files_too() -> None:
    found = read_by("repair.escalation")

    assert {"level_1.within", "level_2.overdue", "level_3.escalate"} <= set(found)
    assert not [path for path in found if path.startswith("steps.")]  # a clock stands in many places


def test_a_list_of_duties_is_read_with_the_place_of_each() -> None:
    found = read_by("occupancy.tag-care")

    assert found["tag_care.1.every"] == "1mo"
    assert {"tag_care.0.every", "tag_care.0.tags", "tag_care.1.within"} <= set(found)


def test_what_the_pack_does_not_ask_for_reads_nothing() -> None:
    assert read_by("occupancy.licence-papers") == {}


@pytest.mark.parametrize("words", [EXPLANATIONS, SECTIONS], ids=["explanations", "sections"])
def test_everything_is_said_in_both_languages(words: dict[str, tuple[str, str]]) -> None:
    assert all(zh and en for zh, en in words.values())
    assert not set(words) & set(TEXTS)


def test_a_reason_is_explained_in_its_own_words() -> None:
    assert explained("muted", {}, "zh") == TEXTS["muted"][0]
    assert worded(Line("muted"), "en")["text"] == "muted"


def test_every_rule_is_described_in_chinese_and_no_other_is() -> None:
    assert set(ZH) == set(RULES)
    assert [
        rule for rule, text in ZH.items() if not re.search("[\u4e00-\u9fff]", text) or not text.endswith("。")
    ] == []


def test_a_rule_says_what_it_does_in_the_readers_language() -> None:
    rule = RULES["contact.verify"]

    assert described(rule.id, rule.summary, "zh").startswith("联系方式属他人或已失效")
    assert described(rule.id, rule.summary, "en") == rule.summary
    assert described("of.another-build", "It asks.", "zh") == "It asks."
