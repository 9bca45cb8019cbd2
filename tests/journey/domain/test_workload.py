"""The work ahead of many, counted by week and post."""

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.reasons import Reason
from journey.domain.workload import Workload
from tests.records import SHANGHAI, instant

NOW = instant("2026-03-04 12:00")  # a Wednesday


def item(due: str, kind: str = "call", role: str | None = "keeper", **more: Any) -> dict[str, Any]:
    key = f"signing.x/epi_1/{due}{more.get('params', '')}"
    base: dict[str, Any] = {
        "key": key,
        "subject": "epi_1",
        "kind": kind,
        "role": role,
        "class": "contract",
        "params": {},
    }
    return base | {"due": instant(due).isoformat()} | more


def counted(*items: dict[str, Any], **how: Any) -> dict[str, Any]:
    workload = Workload(NOW, SHANGHAI, **how)
    workload.add({"items": list(items)})
    return workload.document()


def test_work_falls_into_the_week_of_its_due_on_the_clocks_of_the_project() -> None:
    found = counted(item("2026-03-08 23:59"), item("2026-03-09 00:01"), weeks=2)

    assert [(each["from"], each["until"]) for each in found["periods"]] == [
        ("2026-03-02", "2026-03-08"),
        ("2026-03-09", "2026-03-15"),
        ("2026-03-16", "2026-03-22"),
    ]
    assert [each["posts"] for each in found["periods"]] == [{"keeper": 1}, {"keeper": 1}, {}]


def test_messages_are_counted_by_class_apart_from_the_work_of_posts() -> None:
    found = counted(item("2026-03-05 08:00", "message", None, **{"class": "care"}), item("2026-03-05 18:00"))

    assert found["periods"][0]["messages"] == {"care": 1}
    assert found["periods"][0]["posts"] == {"keeper": 1}


def test_what_is_past_its_due_is_overdue_and_what_lies_beyond_is_later() -> None:
    found = counted(item("2026-03-04 11:59"), item("2027-03-04 12:00"), weeks=4)

    assert found["overdue"]["posts"] == {"keeper": 1}
    assert found["beyond"]["posts"] == {"keeper": 1}


def test_notices_that_go_out_as_one_are_counted_once() -> None:
    due = "2026-03-20 08:00"
    carrier = item(due, "message", None, params={"component": "plumbing", "components": ["plumbing", "lift"]})
    carried = item(due, "message", None, params={"component": "lift"})
    alone = item(due, "message", None, params={"component": "wet-room"})

    found = counted(carrier, carried, alone)

    assert sum(each["messages"].get("contract", 0) for each in found["periods"]) == 2


def test_what_is_expected_not_to_go_is_counted_apart_by_its_reason() -> None:
    kept = item("2026-03-05 09:00", "message", None, **{"class": "care"})
    going = item("2026-03-05 08:00", "message", None, **{"class": "care"})
    workload = Workload(NOW, SHANGHAI)

    workload.add({"items": [kept, going]}, {kept["key"]: Reason("no-consent", {"purpose": "care"})})

    week = workload.document()["periods"][0]
    assert (week["messages"], week["suppressed"], week["posts"]) == ({"care": 1}, {"no-consent": 1}, {})


def test_months_are_whole_months() -> None:
    found = counted(by="month", weeks=8)

    assert [each["from"] for each in found["periods"]] == ["2026-03-01", "2026-04-01"]
    assert found["periods"][1]["until"] == "2026-04-30"


@settings(deadline=None)
@given(st.lists(st.integers(min_value=-400, max_value=900)), st.sampled_from(["week", "month"]), st.integers(1, 100))
def test_every_item_is_counted_exactly_once(offsets: list[int], by: Any, weeks: int) -> None:
    workload = Workload(NOW, SHANGHAI, by=by, weeks=weeks)
    for number, offset in enumerate(offsets):
        due = (NOW + timedelta(days=offset, hours=number)).isoformat()
        workload.add({"items": [{"key": f"a/b/{number}", "kind": "call", "role": "keeper", "due": due}]})

    found = workload.document()

    loads = [found["overdue"], *found["periods"], found["beyond"]]
    assert sum(each["posts"].get("keeper", 0) for each in loads) == len(offsets)
    days = [(date.fromisoformat(each["from"]), date.fromisoformat(each["until"])) for each in found["periods"]]
    assert all(after[0] == before[1] + timedelta(days=1) for before, after in pairwise(days))
    assert days[-1][1] >= date(2026, 3, 4) + timedelta(weeks=weeks, days=-1)
