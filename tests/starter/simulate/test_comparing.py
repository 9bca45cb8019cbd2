from datetime import datetime
from typing import Any

import pytest

from starter.simulate.comparing import AS_FORESEEN, UNEXPLAINED, Comparison, Item, Ledger, Told, compare

KEY = "handover.reminder/epi_1/once"
DUE = "2027-07-09T08:00"
FORESEEN_AT = "2027-06-25T22:00"
SIGNED = ("evt_signed", "2026-03-05", "evt_signed")
RESCHEDULED = Told("evt_moved", "batch.rescheduled", datetime.fromisoformat("2027-06-28T10:00+08:00"))


def instant(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00")


def item(outcome: str = "planned", due: str = DUE, at: str | None = None, **more: Any) -> Item:
    more = {"key": KEY, "stands_on": SIGNED} | more
    return Item(due=instant(due), outcome=outcome, at=instant(at) if at else None, **more)


def compared(foreseen: dict[str, Ledger], lived: dict[str, Ledger]) -> Comparison:
    return compare(foreseen, lived, at=instant(FORESEEN_AT), until=instant("2029-03-01T00:00"))


def found(became: Item | None, *others: Item, told: tuple[Told, ...] = (), planned: Item | None = None) -> str:
    """What the comparison says of one foreseen item: its code, and what made the difference."""
    lived = {one.key: one for one in (became, *others) if one is not None}
    foreseen = {"jrn_1": Ledger("3-1-1", {KEY: planned or item()})}
    comparison = compared(foreseen, {"jrn_1": Ledger("3-1-1", lived, told)})
    finding = comparison.findings[0]
    return f"{finding.code} {finding.by}".strip()


def test_what_happens_on_its_day_is_as_foreseen() -> None:
    assert found(item("sent", at="2027-07-09T08:20")) == AS_FORESEEN


@pytest.mark.parametrize(
    "became", [None, item(), item("sent", at="2027-07-10T08:00"), item("open"), item("suppressed")]
)
def test_what_is_gone_late_or_undone_without_a_reason_is_unexplained(became: Item | None) -> None:
    assert found(became) == UNEXPLAINED


def test_a_new_day_is_explained_by_the_fact_that_it_stands_on_now() -> None:
    moved = ("evt_moved", "2027-07-24", "evt_moved")
    became = item("sent", due="2027-07-23T08:00", at="2027-07-23T08:00", stands_on=moved)

    assert found(became, told=(RESCHEDULED,)) == "moved batch.rescheduled"


def test_a_new_day_on_the_same_fact_is_unexplained() -> None:
    became = item("sent", due="2027-07-23T08:00", at="2027-07-23T08:00")

    assert found(became, told=(RESCHEDULED,)) == UNEXPLAINED


def test_a_new_day_by_a_fact_that_nobody_told_is_unexplained() -> None:
    moved = ("evt_moved", "2027-07-24", "evt_moved")

    assert found(item("sent", due="2027-07-23T08:00", at="2027-07-23T08:00", stands_on=moved)) == UNEXPLAINED


def test_a_new_day_explains_nothing_that_did_not_come_on_it() -> None:
    moved = ("evt_moved", "2027-07-24", "evt_moved")
    became = item("sent", due="2027-07-23T08:00", at="2027-07-30T08:00", stands_on=moved)

    assert found(became, told=(RESCHEDULED,)) == UNEXPLAINED


def test_a_new_day_is_explained_by_a_reason_that_came_since() -> None:
    became = item("done", due="2027-07-12T18:00", at="2027-07-12T10:00", because=frozenset({"paused"}))

    assert found(became) == "moved paused"
    assert found(became, planned=item(because=frozenset({"paused"}))) == UNEXPLAINED


def test_a_person_may_be_early() -> None:
    assert found(item("done", at="2027-07-02T10:00", reason="result")) == "done-early"


def test_a_person_who_is_late_has_been_reminded() -> None:
    late = {"at": "2027-07-12T10:00", "reason": "result"}

    assert found(item("done", **late)) == UNEXPLAINED
    assert found(item("done", **late, steps=frozenset({"warned", "overdue"}))) == "done-late overdue"


@pytest.mark.parametrize(("carrier", "said"), [("sent", "merged other/epi_1/once"), ("suppressed", UNEXPLAINED)])
def test_what_is_merged_needs_a_carrier_that_went_out(carrier: str, said: str) -> None:
    other = item(carrier, at=DUE, key="other/epi_1/once")

    assert found(item("merged", at=DUE, into=other.key), other) == said


@pytest.mark.parametrize(
    ("at", "said"), [("2027-06-28T10:00", "withdrawn batch.rescheduled"), ("2027-06-29T10:00", UNEXPLAINED)]
)
def test_what_is_withdrawn_needs_a_fact_of_that_moment(at: str, said: str) -> None:
    assert found(item("withdrawn", at=at, reason="not-asked"), told=(RESCHEDULED,)) == said


@pytest.mark.parametrize("outcome", ["suppressed", "held", "skipped", "missed"])
def test_what_was_kept_back_says_why(outcome: str) -> None:
    assert found(item(outcome, at=DUE, reason="no-consent")) == f"{outcome} no-consent"


def test_only_what_was_planned_and_falls_due_before_the_end_is_compared() -> None:
    items = [item(due="2029-03-01T08:00", key="later"), item("open", key="open"), item("sent", key="sent")]
    foreseen = {"jrn_1": Ledger("3-1-1", {one.key: one for one in items})}

    assert not compared(foreseen, {"jrn_1": Ledger("3-1-1", {})}).findings


def test_every_finding_is_counted_and_what_is_unexplained_is_named() -> None:
    foreseen = {"jrn_1": Ledger("3-1-1", {KEY: item(), "gone": item(key="gone")})}
    lived = {"jrn_1": Ledger("3-1-1", {KEY: item("sent", at=DUE)})}

    comparison = compared(foreseen, lived)

    assert comparison.counts() == {AS_FORESEEN: 1, UNEXPLAINED: 1}
    assert [str(finding) for finding in comparison.unexplained] == [
        "3-1-1 gone due 2027-07-09 08:00:00+08:00: unexplained (gone)"
    ]


def unforeseen(became: Item, *told: Told, known: dict[str, Ledger] | None = None) -> list[str]:
    """What the comparison says of an item of the end that the forecast lacked."""
    lived = {"jrn_1": Ledger("3-1-1", {KEY: became}, told)}
    findings = compared({"jrn_1": Ledger("3-1-1", {})} if known is None else known, lived).findings
    return [f"{finding.code} {finding.by}".strip() for finding in findings]


def test_what_came_though_nobody_foresaw_it_is_explained_only_by_a_fact_told_since() -> None:
    early = Told("evt_moved", "batch.rescheduled", instant("2027-06-25T21:00"))
    on_news = item("sent", at=DUE, stands_on=("evt_moved", "2027-07-24", "evt_moved"))

    assert unforeseen(on_news, RESCHEDULED) == ["told-since batch.rescheduled"]
    assert unforeseen(on_news, RESCHEDULED, known={}) == ["told-since batch.rescheduled"]
    assert unforeseen(on_news, early) == [UNEXPLAINED]
    assert unforeseen(item("sent", at=DUE), RESCHEDULED) == [UNEXPLAINED]


FEAST = "project.greeting/prj_1/mid-autumn/2027"


def feast(key: str, outcome: str = "sent", due: str = "2027-09-15T09:00") -> Item:
    return item(outcome, due=due, at=due, key=key, stands_on=("", "", ""))


def test_what_comes_again_is_explained_by_the_one_before_it_that_was_foreseen() -> None:
    later = feast("project.greeting/prj_1/national-day/2027", due="2027-10-01T09:00")
    lived = {"prj_1": Ledger("XN", {later.key: later})}

    def said(*before: Item) -> str:
        finding = compared({"prj_1": Ledger("XN", {one.key: one for one in before})}, lived).findings[-1]
        return f"{finding.code} {finding.by}".strip()

    assert said(feast(FEAST, "withdrawn")) == f"recurs {FEAST}"
    assert said() == UNEXPLAINED
    assert said(feast(FEAST, "withdrawn", due="2027-10-02T09:00")) == UNEXPLAINED
    assert said(feast(FEAST.replace("prj_1", "prj_2"), "withdrawn")) == UNEXPLAINED


def test_what_is_no_series_is_not_explained_by_an_earlier_item_of_its_rule() -> None:
    known = item("withdrawn", due="2027-07-01T08:00", key=KEY.replace("once", "m-2"))

    assert unforeseen(item("sent", at=DUE), known={"jrn_1": Ledger("3-1-1", {known.key: known})}) == [UNEXPLAINED]


@pytest.mark.parametrize(
    ("rule", "day", "said"),
    [
        ("handover.delay-case", "2027-06-30", "day-passed 2027-06-30"),
        ("handover.delay-case", "2027-06-24", UNEXPLAINED),
        ("handover.reminder", "2027-06-30", UNEXPLAINED),
    ],
)
def test_what_is_late_only_because_its_day_passed_could_not_be_foreseen(rule: str, day: str, said: str) -> None:
    lapsed = item("done", at=DUE, key=f"{rule}/epi_1/once", stands_on=("evt_signed", day, "evt_signed"))

    assert unforeseen(lapsed) == [said]


def test_what_a_broadcast_sent_is_explained_by_the_project_s_item_of_that_day() -> None:
    mine = feast("project.greeting/psn_1/mid-autumn/2027")

    def said(*sent: Item, by: str = "prj_1") -> str:
        there = {one.key: one for one in sent}
        lived = {"jrn_1": Ledger("3-1-1", {mine.key: mine}), by: Ledger("XN", there)}
        (finding,) = compared({by: Ledger("XN", there)}, lived).findings
        return f"{finding.code} {finding.by}".strip()

    assert said(feast(FEAST)) == f"broadcast {FEAST}"
    assert said() == UNEXPLAINED
    assert said(feast(FEAST, "missed")) == UNEXPLAINED
    assert said(feast(FEAST, due="2027-09-16T09:00")) == UNEXPLAINED
    assert said(feast("project.greeting/psn_2/mid-autumn/2027"), by="jrn_2") == UNEXPLAINED


def test_what_did_not_happen_or_fell_due_before_the_forecast_need_not_be_foreseen() -> None:
    before = item("sent", due=FORESEEN_AT.replace("22:00", "21:59"), at=DUE)

    assert unforeseen(item("suppressed", at=DUE)) == []
    assert unforeseen(before) == []
    assert unforeseen(item("sent", at=DUE), known={"jrn_1": Ledger("3-1-1", {KEY: item("open")})}) == []


def test_what_nobody_foresaw_is_named_and_not_counted_among_the_foreseen() -> None:
    comparison = compared({}, {"jrn_1": Ledger("3-1-1", {KEY: item("sent", at=DUE)})})

    assert comparison.foreseen == 0
    assert [str(finding) for finding in comparison.unexplained] == [
        f"3-1-1 {KEY} not foreseen: unexplained (sent 2027-07-09 08:00:00+08:00 due 2027-07-09 08:00:00+08:00 )"
    ]
