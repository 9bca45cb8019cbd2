"""The posts in the table of rules are those that get the work."""

from collections.abc import Iterator

import pytest

from docs.posts import posts_of
from journey.domain.items import Item
from journey.domain.rules import RULES
from journey.domain.values import Role
from tests.journey.domain.shared_lives import BATCH, PROJECT, life_of, planned_batch, scoped
from tests.lives import Life, begin, done_after
from tests.records import completion, instant, pack, told


def of_a_home() -> Life:
    return begin(
        "2025-03-01 10:00",
        told("lead.registered", "2025-03-01 10:00"),
        told("subscription.signed", "2025-03-15 10:00"),
        told("contract.signed", "2025-03-20 10:00", contract_handover_date="2026-06-30"),
        told("promise.recorded", "2025-04-01 10:00", what="x"),
        told("promise.breached", "2025-04-10 10:00", what="x"),
        told("handover.refused", "2026-06-27 09:00", justified=True, reason="x"),
        told("handover.demanded", "2026-07-02 10:00", on="2026-07-02", proof="ems"),
        told("handover.conditional", "2026-07-08 10:00", snags=["x"]),
        told("tag.added", "2026-07-10 10:00", tag="留守老人"),
        told("fit_out.applied", "2026-07-10 10:00", on="2026-07-10"),
        told("fit_out.permitted", "2026-07-13 10:00", on="2026-07-13"),
        told("fit_out.breach", "2026-07-20 10:00", on="2026-07-20", kind="load-bearing"),
        told("defect.reported", "2026-08-03 09:10", ident="leak", category="plumbing", severity="complex", text="x"),
        told("defect.reported", "2026-08-04 09:10", ident="lift", category="lift", severity="contractor", text="x"),
        told("complaint.raised", "2026-08-05 10:00", ident="noise", category="service", severity="mass", text="x"),
        told("suggestion.raised", "2026-08-06 10:00", text="x"),
        batch=completion("2026-04-28", "2026-04-29 09:00"),
    )


def of_a_project() -> Life:
    opening = told("sales.opening_planned", "2026-03-02 10:00", ident="evt_opening", on="2026-04-20")
    declared = told("emergency.declared", "2026-03-02 10:00", ident="evt_burst", text="x")
    completed = told("milestone.planned", "2026-03-02 10:00", milestone="completion-accepted", on="2026-05-20")
    return life_of(PROJECT, "2026-03-02 11:00", opening, scoped(declared, building="3"), planned_batch(), completed)


def asked(life: Life, until: str) -> Iterator[Item]:
    """Everything that is asked for until then, before any post is stood in for."""
    found: list[Item] = []
    life.staff = done_after()
    life.run(instant(until), lambda _, plan: found.extend(plan.agenda))
    yield from found


@pytest.mark.parametrize(
    ("life", "until"),
    [(of_a_home, "2027-03-01 00:00"), (of_a_project, "2026-06-01 00:00"),
     (lambda: life_of(BATCH, "2026-01-11 10:00", planned_batch()), "2026-06-20 00:00")],
)  # fmt: skip
def test_whoever_gets_work_of_a_rule_stands_in_the_table(life: object, until: str) -> None:
    seen: dict[str, set[Role]] = {}
    for item in asked(life(), until):  # type: ignore[operator]
        if item.role is not None:
            seen.setdefault(item.rule, set()).add(item.role)

    assert len(seen) > 8
    for rule, roles in seen.items():
        told_posts = posts_of(RULES[rule])
        above = {pack().posts[role].escalates_to for role in told_posts.above}
        assert roles <= told_posts.named | above, rule


def test_posts_that_a_rule_only_looks_up_have_no_work_of_it() -> None:
    assert posts_of(RULES["pre-handover.property-welcome"]).text == ""
    assert posts_of(RULES["signing.promise-breach"]).text == "总经理 `general-manager`, 销售之上 above `sales`"
    assert posts_of(RULES["signing.promise"]).text == "任一岗位 any"
    assert posts_of(RULES["repair.fix"]).named == {Role.PROPERTY_CS, Role.WARRANTY_OFFICE, Role.CONTRACTOR}
    assert posts_of(RULES["handover.notice"]).text == ""
