"""Every row of the customer-care standard that is built stands behind a rule, or the documents say what answers it."""

import re
from pathlib import Path

import pytest

from journey.domain.rules import RULES
from journey.domain.stages import RULE_FILES

DOCS = Path(__file__).resolve().parents[2] / "docs"
assert RULE_FILES  # importing them registers the rules
# Rows of action and touchpoint (A), of numbers and deadlines (C).
BUILT = {
    "signing and warranty": "A313 A314 A427 A440 A441 A442 C4",
    "handover, late handover, cancellation, title": "A020 A021 A022 A049 A405 A433 A434 A435 C1",
    "before signing and before the handover": "A312 A315 A316 A317 A318 A319 A425 A426 A428 A429 A430 A431 A432 C6",
    "living in it": "A001 A002 A005 A030 A101 A113 A301 A416 A436 A437 A438 A443 C5 C9",
    "posts, promises, care, repairs and complaints": (
        "A012 A023 A024 A103 A112 A114 A203 A204 A411 A412 A415 A417 A418 A419 A439 C2 C3"
    ),
    "messages": "A014 A015 A016 A017 A018 A309 A406 A407 A408 C7 C8",
}
# Some lines of C1 are behind several rules: each by the rule that keeps the line.
LINES_OF_C1 = (
    "signing.keeper-contact", "signing.service-callback", "signing.group-survey", "signing.filing",
    "signing.free-cancellation", "project.unit-acceptance", "project.completion-filing", "batch.pre-inspection",
    "batch.ready", "handover.notice", "handover.formal-notice", "handover.call", "handover.reminder",
    "handover.deemed-letter", "handover.delay-case", "handover.rescission-possible", "occupancy.property-fee",
    "handover.maintenance-fund", "handover.maintenance-fund-check", "handover.title", "handover.title-follow-up",
    "batch.open-day", "pre-handover.open-day-follow-up", "pre-handover.open-day-survey", "survey.handover",
    "occupancy.move-in-survey", "occupancy.home-visit", "warranty.expiry-notice", "warranty.joint-check",
    "project.owners-assembly",
)  # fmt: skip


def answered_otherwise() -> set[str]:
    """Rows of the table of those that no rule asks for."""
    text = (DOCS / "rules.md").read_text(encoding="utf-8")
    section = text.partition("## Rows that no rule asks for")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| ([AC]\d+) ", section, re.MULTILINE))


@pytest.mark.parametrize("row", [row for rows in BUILT.values() for row in rows.split()])
def test_a_row_that_is_built_stands_behind_a_rule_or_the_documents_say_what_answers_it(row: str) -> None:
    asking = [rule.id for rule in RULES.values() if row in rule.asks]

    assert bool(asking) != (row in answered_otherwise()), row


@pytest.mark.parametrize("rule", LINES_OF_C1)
def test_each_line_of_the_deadlines_of_a_journey_names_its_row(rule: str) -> None:
    assert "C1" in RULES[rule].asks


def test_a_rule_names_rows_and_nothing_else() -> None:
    named = {row for rule in RULES.values() for row in rule.asks}

    assert {row for row in named if not re.fullmatch(r"A\d{3}|C\d{1,2}", row)} == set()
    assert [rule.id for rule in RULES.values() if not rule.asks and rule.section != "kernel"] == []
