"""News of milestones and the summary for late buyers: which go out together, when, and to whom not."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.calendar import add
from journey.domain.entries import Entry, State
from journey.domain.events import Event
from journey.domain.items import Item
from journey.domain.news import News, Reached, news_of, read_reached
from journey.domain.periods import Period
from journey.domain.planner import plan
from tests.journey.domain.shared_lives import PROJECT, life_of, scoped
from tests.records import SHANGHAI, calendar, instant, pack, record, told

SUMMARY = "pre-handover.progress-summary"


def milestone(name: str, on: str, known: str | None = None, **scope: str) -> dict[str, Any]:
    """A milestone as a project's row keeps it, told on its day at ten."""
    at = instant(known or f"{on} 10:00").isoformat()
    event = f"evt_{name}_{on}"
    return {"milestone": name, "scope": scope, "event": event, "on": on, "at": at, "known_at": at, "moved_by": event}


def folded(documents: Sequence[dict[str, Any]]) -> list[News]:
    """The messages of these milestones."""
    return news_of(read_reached(documents), pack(), calendar(), SHANGHAI)


def news(*documents: dict[str, Any]) -> list[list[str]]:
    """What the messages of these milestones tell."""
    return [one.milestones for one in folded(documents)]


def reached(name: str, on: str, recorded: str | None = None) -> Event:
    """The fact that a milestone of building 3 was reached."""
    event = told("milestone.reached", f"{on} 10:00", recorded=recorded, ident=f"evt_{name}", milestone=name, on=on)
    return scoped(event, building="3")


def gone_out(*events: Event, until: str = "2026-10-15 10:00") -> list[tuple[list[str], str]]:
    """The news that a project sent, told of each event when it was recorded: milestones, and the event it hangs on."""
    life = life_of(PROJECT, "2026-09-01 10:00", *events, started=instant("2026-09-01 09:00"))
    life.run(instant(until))
    sent = [key for _, key in life.sent if key.startswith("project.milestone-news/")]
    entries = {entry.key: entry for entry in life.of("project.milestone-news")}
    return [(entries[key].item["params"]["milestones"], key.rsplit("/", 1)[1]) for key in sent]


def test_a_milestone_is_told_on_the_second_working_day() -> None:
    (found,) = news_of(
        read_reached([milestone("topped-out", "2026-09-30", building="3")]), pack(), calendar(), SHANGHAI
    )

    assert found.last == date(2026, 10, 9)  # over the holiday of 10-01 to 10-07
    assert found.goes_at == instant("2026-10-09 08:00")


def test_milestones_of_one_building_that_are_told_in_time_share_a_message() -> None:
    first = milestone("topped-out", "2026-09-07", building="3")

    assert news(first, milestone("scaffold-down", "2026-09-08", building="3")) == [["topped-out", "scaffold-down"]]
    assert news(first, milestone("scaffold-down", "2026-09-08", building="5")) == [["topped-out"], ["scaffold-down"]]


def test_one_that_is_told_after_the_message_went_out_goes_by_itself() -> None:
    first = milestone("topped-out", "2026-09-07", building="3")

    assert news(first, milestone("scaffold-down", "2026-09-10", building="3")) == [["topped-out"], ["scaffold-down"]]


def test_milestones_more_than_a_week_apart_do_not_merge_though_told_together() -> None:
    told_late = "2026-09-20 10:00"
    one = milestone("topped-out", "2026-09-01", told_late, building="3")

    assert news(one, milestone("scaffold-down", "2026-09-08", told_late, building="3")) == [
        ["topped-out", "scaffold-down"]
    ]
    assert news(one, milestone("scaffold-down", "2026-09-09", told_late, building="3")) == [
        ["topped-out"], ["scaffold-down"],
    ]  # fmt: skip


def test_an_earlier_milestone_that_is_told_after_a_later_one_went_out_goes_by_itself() -> None:
    later = reached("scaffold-down", "2026-09-08")
    earlier = reached("topped-out", "2026-09-07", "2026-09-20 10:00")

    assert gone_out(later, earlier) == [
        (["scaffold-down"], "evt_scaffold-down"), (["topped-out"], "evt_topped-out"),
    ]  # fmt: skip


def test_an_earlier_milestone_that_is_told_before_a_later_one_goes_out_brings_it_forward() -> None:
    later = milestone("scaffold-down", "2026-09-08", "2026-09-08 10:00", building="3")

    (found,) = folded([later, milestone("topped-out", "2026-09-07", "2026-09-08 12:00", building="3")])

    assert found.milestones == ["topped-out", "scaffold-down"]
    assert found.first.milestone == "scaffold-down"
    assert (found.last, found.goes_at) == (date(2026, 9, 9), instant("2026-09-09 08:00"))


def test_one_that_would_bring_a_message_forward_to_before_it_was_told_goes_by_itself() -> None:
    later = milestone("scaffold-down", "2026-09-08", "2026-09-08 10:00", building="3")

    assert news(later, milestone("topped-out", "2026-09-03", "2026-09-08 12:00", building="3")) == [
        ["topped-out"], ["scaffold-down"],
    ]  # fmt: skip


def test_a_correction_of_one_that_went_out_sends_nothing_again() -> None:
    fix = told("event.corrected", "2026-09-14 10:00", ident="evt_fix", event_id="evt_topped-out", reason="笔误",
               data={"on": "2026-09-06"})  # fmt: skip

    assert gone_out(reached("topped-out", "2026-09-07"), reached("scaffold-down", "2026-09-08"), fix) == [
        (["topped-out", "scaffold-down"], "evt_topped-out")
    ]


VOID = told("event.voided", "2026-09-14 10:00", ident="evt_void", event_id="evt_topped-out", reason="误报")


def again(on: str, recorded: str) -> Event:
    return scoped(told("milestone.reached", f"{on} 10:00", recorded=recorded, ident="evt_again", milestone="topped-out",
                       on=on), building="3")  # fmt: skip


def test_what_went_out_in_the_name_of_a_fact_that_is_voided_is_not_told_again() -> None:
    both = (reached("topped-out", "2026-09-07"), reached("scaffold-down", "2026-09-08"))

    assert gone_out(*both, VOID) == [(["topped-out", "scaffold-down"], "evt_topped-out")]


def test_a_milestone_that_is_voided_and_told_anew_with_another_day_is_no_news_twice() -> None:
    both = (reached("topped-out", "2026-09-07"), reached("scaffold-down", "2026-09-08"))

    assert gone_out(*both, VOID, again("2026-09-06", "2026-09-15 10:00")) == [
        (["topped-out", "scaffold-down"], "evt_topped-out")
    ]


def test_one_that_is_reached_only_after_it_was_told_by_mistake_is_news() -> None:
    right = again("2026-09-21", "2026-09-21 10:00")

    assert gone_out(reached("topped-out", "2026-09-07"), VOID, right) == [
        (["topped-out"], "evt_topped-out"), (["topped-out"], "evt_again"),
    ]  # fmt: skip


def test_one_that_is_voided_before_its_message_went_out_is_not_told_and_the_others_are() -> None:
    both = (reached("topped-out", "2026-09-07"), reached("scaffold-down", "2026-09-08"))
    void = told("event.voided", "2026-09-08 12:00", ident="evt_void", event_id="evt_topped-out", reason="误报")

    assert gone_out(*both, void) == [(["scaffold-down"], "evt_scaffold-down")]


def test_one_that_is_told_ahead_of_its_day_takes_in_no_news_that_went_out_before_it() -> None:
    ahead = reached("topped-out", "2026-09-18", "2026-09-02 10:00")

    assert gone_out(ahead, reached("scaffold-down", "2026-09-15")) == [
        (["scaffold-down"], "evt_scaffold-down"), (["topped-out"], "evt_topped-out"),
    ]  # fmt: skip


DAYS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 12), st.sampled_from(["07", "10"]), st.sampled_from("35")), max_size=12
)


@given(DAYS)
@settings(deadline=None)
def test_each_milestone_is_told_once_and_never_after_two_working_days(days: list[tuple[int, int, str, str]]) -> None:
    begin = date(2026, 3, 1)
    documents = [
        milestone(
            f"m{number}", (begin + timedelta(days=day)).isoformat(),
            f"{begin + timedelta(days=day + late)} {hour}:00", building=building,
        )
        for number, (day, late, hour, building) in enumerate(days)
    ]  # fmt: skip

    found: list[News] = []
    for now in sorted({one["known_at"] for one in documents}):
        gone = [one for one in found if one.goes_at < datetime.fromisoformat(now)]
        found = folded([one for one in documents if one["known_at"] <= now])
        assert [one for one in gone if one not in found] == []

    assert sorted(name for one in found for name in one.milestones) == sorted(one["milestone"] for one in documents)
    for one in found:
        assert len({tuple(each.scope.items()) for each in one.reached}) == 1
        for each in one.reached:
            in_time = add(each.anchor.on, Period(working_days=2), calendar())
            assert one.last <= in_time
            assert each.anchor.known_at <= max(one.goes_at, one.first.anchor.known_at)


def summary(milestones: Sequence[dict[str, Any]], signed: str = "2026-09-15 10:00", **more: Any) -> Item | None:
    """The summary that a home of building 3 gets."""
    events = [told("contract.signed", signed, contract_handover_date="2028-06-30")]
    home = replace(record(events, **more), building="3", batch_code="B1", milestones=milestones)
    found: datetime = instant(signed)
    return next((item for item in plan(home, found).agenda if item.rule == SUMMARY), None)


def test_a_late_buyer_gets_what_was_told_before_he_signed() -> None:
    before = [milestone("topped-out", "2026-03-02", building="3"), milestone("scaffold-down", "2026-06-01", batch="B1")]

    found = summary([*before, milestone("facade-complete", "2026-06-01", building="5")])

    assert found is not None
    assert found.params["milestones"] == ["topped-out", "scaffold-down"]
    assert found.due == instant("2026-09-16 08:00")


def test_a_late_buyer_who_heard_of_a_milestone_under_a_fact_since_voided_is_not_told_again() -> None:
    at = instant("2026-09-09 08:00")
    key = "project.milestone-news/prj_1/evt_voided"
    item = {"key": key, "params": {"milestones": ["topped-out", "scaffold-down"]}}
    heard = Entry(key, State.SENT, at, due=at, item=item)

    found = summary([milestone("scaffold-down", "2026-09-08", building="3")], entries={key: heard})

    assert found is None


def test_what_is_still_to_be_told_comes_as_news_and_not_twice() -> None:
    assert summary([milestone("topped-out", "2026-09-14", building="3")]) is None


def test_who_bought_before_every_milestone_gets_no_summary() -> None:
    assert summary([milestone("topped-out", "2026-09-14", building="3")], signed="2026-09-01 10:00") is None
    assert summary([]) is None


def test_reached_keeps_the_place_it_was_told_for() -> None:
    (found,) = read_reached([milestone("topped-out", "2026-03-02", building="3")])

    assert isinstance(found, Reached)
    assert dict(found.scope) == {"building": "3"}
