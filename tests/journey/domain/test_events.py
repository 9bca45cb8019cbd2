"""Events as they are stored: order, dates, labels, the registry, and what erasure leaves."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from journey.domain.errors import Conflict, InvalidInput, JourneyError, NotAllowed, NotFound
from journey.domain.event_checks import check_data
from journey.domain.event_erasure import erase_personal
from journey.domain.event_types import EVENT_TYPES, PERSONAL_FIELDS
from journey.domain.events import Event
from journey.domain.values import Component, Milestone, Role, Stage, label
from tests.journey.domain.event_samples import SAMPLES

SHANGHAI = "Asia/Shanghai"
# fmt: off
TABLE = [
    "event.voided", "event.corrected",
    "lead.registered", "lead.lost", "subscription.signed", "subscription.cancelled", "unit.changed",
    "parties.changed", "contract.signed",
    "contract.amended", "contract.filed", "mortgage.submitted", "mortgage.approved", "contract.cancelled",
    "refund.settled",
    "sales.opening_planned", "milestone.planned", "milestone.reached", "batch.planned", "batch.rescheduled",
    "gate.passed", "gate.failed", "gate.overridden",
    "emergency.declared", "activity.planned",
    "handover.notice_served", "handover.demanded", "delay.new_date", "handover.accepted", "handover.conditional",
    "handover.refused",
    "handover.no_show", "handover.deemed", "keys.collected", "agent.authorised", "agent.revoked",
    "maintenance_fund.paid",
    "fit_out.applied", "fit_out.permitted", "fit_out.rejected", "fit_out.renewed", "fit_out.inspected",
    "fit_out.breach",
    "fit_out.completion_requested", "fit_out.accepted", "fit_out.rechecked", "fit_out.deposit_refunded",
    "moved_in", "title.submitted", "title.issued", "tag.added", "tag.removed", "tenant.moved_in", "business.opened",
    "ownership.transferred", "ownership.began", "suggestion.raised", "promise.recorded", "promise.breached",
    "promise.kept", "change_request.raised", "membership.granted", "membership.ended", "service.ordered",
    "service.closed",
    "defect.reported", "complaint.raised",
    "case.acknowledged", "case.on_site", "case.contained", "case.fixed", "case.accepted", "case.disputed",
    "case.reopened", "case.paused", "case.replied", "case.planned", "case.booked", "case.escalated",
    "case.resumed", "case.reassigned", "contractor.notified", "contractor.responded", "contractor.refused",
    "third_party.assigned",
    "test.passed", "cost.recorded", "back_charge.claimed", "back_charge.paid", "back_charge.disputed",
    "case.root_cause_set",
    "case.text_approved",
    "consent.given", "consent.withdrawn", "contact.invalid", "contact.verified", "contact.changed",
    "bereavement.noted", "hold.placed",
    "hold.released",
    "task.result", "call.result", "visit.recorded", "message.receipt", "message.replied", "letter.delivered",
    "letter.returned",
    "survey.answered",
    "open_day.planned", "open_day.moved", "open_day.cancelled", "open_day.session_added", "open_day.rsvp",
    "open_day.rsvp_cancelled",
    "open_day.attended", "open_day.walk_in", "open_day.no_show", "open_day.finding",
    "item.skipped", "item.redone", "item.rescheduled", "item.decided", "task.assigned",
    "journey.cancelled", "go_live.moved",
]
# fmt: on


def an_event(type: str = "contract.filed", at: str = "2026-06-26T16:30:00+00:00", **data: Any) -> Event:
    instant = datetime.fromisoformat(at)
    return Event("evt_1", type, instant, instant, data, "api", "e1")


def found(data: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        yield data
    elif path[0] == "*":
        for each in data if isinstance(data, list) else ():
            yield from found(each, path[1:])
    elif isinstance(data, dict) and path[0] in data:
        yield from found(data[path[0]], path[1:])


def test_the_registry_holds_exactly_the_types_that_may_be_told() -> None:
    assert sorted(EVENT_TYPES) == sorted(TABLE)
    assert sorted(SAMPLES) == sorted(TABLE)


def test_every_type_is_labelled_in_both_languages() -> None:
    labels = [(each.label("zh-CN"), each.label("en")) for each in EVENT_TYPES.values()]

    assert all(zh and en and zh != en for zh, en in labels)


def test_an_event_happened_on_the_date_it_names() -> None:
    assert an_event(on="2026-06-20").on(SHANGHAI) == date(2026, 6, 20)


@pytest.mark.parametrize("on", ["2026-02-30", "", None, 20260620, ["2026-06-20"]])
def test_a_stored_date_that_does_not_read_falls_back_to_the_local_day(on: Any) -> None:
    assert an_event(on=on).on(SHANGHAI) == date(2026, 6, 27)


def test_events_fold_by_when_they_happened_then_by_when_they_were_known() -> None:
    early, late = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    first = Event("b", "moved_in", early, late, {}, "api", "1")
    second = Event("a", "moved_in", late, late, {}, "api", "2")
    told_sooner = Event("c", "moved_in", early, early, {}, "api", "3")

    assert sorted([second, first, told_sooner], key=lambda event: event.order) == [told_sooner, first, second]


def test_values_are_plain_strings_with_labels() -> None:
    assert Milestone("topped-out") is Milestone.TOPPED_OUT
    assert json.dumps(Stage.HANDOVER) == '"handover"'
    assert (label(Role.KEEPER, "zh-CN"), label(Role.KEEPER, "en")) == ("管家", "Keeper")
    assert next(iter(Component)) == "structure"
    assert list(Component)[-1] == "lift"
    assert label(Component.STRUCTURE, "en") == "Foundation and structure"


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = (JourneyError, InvalidInput, NotFound, Conflict, NotAllowed)

    assert len({kind.code for kind in kinds}) == len(kinds)
    assert Conflict("taken", existing="jrn_1").existing == "jrn_1"


@pytest.mark.parametrize("type", TABLE)
def test_erasing_leaves_no_personal_field_and_still_reads(type: str) -> None:
    stored = check_data(type, {**SAMPLES[type], "id_card": "510100198805040011"})

    left = erase_personal(type, stored)

    assert not [path for path in PERSONAL_FIELDS[type] if list(found(left, path.split(".")))]
    assert "id_card" not in left
    assert not set("张李王") & set(json.dumps(left, ensure_ascii=False))
    assert an_event(type, **left).on(SHANGHAI) == an_event(type, **stored).on(SHANGHAI)
    assert errors_of(type, left) <= {
        (f"data/{path.replace('.*.', '/0/')}", "required") for path in PERSONAL_FIELDS[type]
    }


def errors_of(type: str, data: dict[str, Any]) -> set[tuple[str, str]]:
    try:
        check_data(type, data)
    except InvalidInput as error:
        return {(each.field, each.rule) for each in error.errors}
    return set()


def test_every_type_with_words_of_people_names_its_personal_fields() -> None:
    assert {"text", "photos"} <= set(PERSONAL_FIELDS["defect.reported"])
    assert {"owners.*.name", "owners.*.phone", "owners.*.birthday"} <= set(PERSONAL_FIELDS["parties.changed"])
    assert "address" in PERSONAL_FIELDS["contact.changed"]
    assert "promises.*.what" in PERSONAL_FIELDS["call.result"]


def test_an_erased_owner_keeps_the_ref() -> None:
    left = erase_personal("parties.changed", SAMPLES["parties.changed"])

    assert left["owners"] == [{"ref": "li", "language": "zh", "consents": [{"purpose": "care"}]}]


def test_an_erased_correction_keeps_the_date_that_it_corrects() -> None:
    change = {"event_id": "e1", "data": {"on": "2026-06-27", "category": "lift", "text": "张伟说"}, "reason": "错"}

    blind = erase_personal("event.corrected", change)
    knowing = erase_personal("event.corrected", change, corrects="defect.reported")

    assert blind == {"event_id": "e1", "data": {"on": "2026-06-27"}}
    assert knowing["data"] == {"on": "2026-06-27", "category": "lift"}


@pytest.mark.parametrize("mark", [{"unmatched": True}, {"overtaken": "delivered"}, {"overtaken": "stands"}])
def test_an_erased_receipt_keeps_what_the_store_wrote_beside_it(mark: dict[str, Any]) -> None:
    receipt = {"state": "failed", "message": "msg_1"}

    assert erase_personal("message.receipt", {**receipt, **mark}) == {**receipt, **mark}


def test_an_erased_receipt_keeps_nothing_else_under_those_names() -> None:
    told = {"state": "failed", "unmatched": "张伟", "overtaken": ["13800138000"]}

    assert erase_personal("message.receipt", told) == {"state": "failed"}


def test_an_erased_event_of_an_unknown_type_keeps_only_dates_and_numbers() -> None:
    data = {"on": "2026-06-27", "at": "2026-06-27T10:00:00Z", "n": 3, "phone": 13800138000, "who": "张伟", "x": ["a"]}

    assert erase_personal("future.type", data) == {"on": "2026-06-27", "at": "2026-06-27T10:00:00Z", "n": 3}
