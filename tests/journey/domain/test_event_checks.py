"""The door: what is accepted, and what is refused with which field and rule."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from journey.domain.errors import InvalidInput
from journey.domain.event_checks import NewEvent, check_data, check_event, merge_correction
from journey.domain.event_types import EVENT_TYPES, Target
from journey.domain.json_checks import body_digest
from journey.domain.owner_checks import check_owner
from tests.journey.domain.event_samples import SAMPLES, SESSION

NOW = datetime(2026, 6, 27, 4, 0, tzinfo=UTC)
TARGETS: tuple[Target, ...] = ("journey", "project")
# interfaces.md, fields without a question mark
REQUIRED = {
    "event.voided": "event_id reason",
    "event.corrected": "event_id data reason",
    "lead.registered": "source",
    "subscription.signed": "on",
    "subscription.cancelled": "on reason",
    "unit.changed": "to on",
    "parties.changed": "owners on",
    "contract.signed": "on contract_handover_date",
    "contract.filed": "on",
    "contract.cancelled": "on reason",
    "sales.opening_planned": "on",
    "milestone.planned": "milestone on",
    "milestone.reached": "milestone on",
    "batch.planned": "batch buildings",
    "batch.rescheduled": "batch buildings handover_from handover_to",
    "gate.passed": "gate",
    "gate.failed": "gate",
    "gate.overridden": "gate by reason",
    "emergency.declared": "text scope",
    "handover.notice_served": "on proof",
    "handover.demanded": "on proof",
    "delay.new_date": "on",
    **{f"handover.{outcome}": "on" for outcome in ("accepted", "conditional", "refused", "no_show", "deemed")},
    "agent.authorised": "powers until",
    "agent.revoked": "powers until",
    **{name: "on" for name in SAMPLES if name.startswith("fit_out.")},
    "moved_in": "on",
    "title.submitted": "on",
    "title.issued": "on",
    "ownership.transferred": "on kind to",
    "ownership.began": "on kind",
    "defect.reported": "category severity text",
    "complaint.raised": "category severity text",
    **{name: "by" for name, data in SAMPLES.items() if name.startswith("case.") and "evidence" in data},
    "case.booked": "by slot",
    "case.paused": "by reason evidence approved_by",
    "test.passed": "kind",
    "cost.recorded": "amount",
    "consent.given": "purpose evidence",
    "consent.withdrawn": "purpose evidence",
    "contact.invalid": "channel address",
    "contact.verified": "channel address",
    "contact.changed": "channel address",
    "hold.placed": "scope how reason",
    "hold.released": "scope how reason",
    "item.skipped": "key by reason",
    "item.redone": "key by reason",
    "item.rescheduled": "key to by reason",
    "item.decided": "key outcome by reason",
    "task.assigned": "task to by reason",
    "journey.cancelled": "by reason",
    "go_live.moved": "to by reason",
    "task.result": "task outcome at by",
    "call.result": "reached at",
    "message.receipt": "state",
    "message.replied": "text",
    "letter.delivered": "tracking on",
    "letter.returned": "on",
    "membership.granted": "tier",
    "survey.answered": "survey answers",
    "open_day.planned": "id sessions",
    **{f"open_day.{act}": "open_day session" for act in ("rsvp", "rsvp_cancelled", "attended", "walk_in", "no_show")},
    "open_day.finding": "open_day session",
}
REQUIRED_FIELDS = [(name, field) for name, fields in REQUIRED.items() for field in fields.split()]
BAD_VALUES: list[tuple[str, dict[str, Any], str, str]] = [
    ("milestone.reached", {"milestone": "topping-out"}, "data/milestone", "unknown-value"),
    ("consent.given", {"purpose": "everything"}, "data/purpose", "unknown-value"),
    ("defect.reported", {"category": "windows"}, "data/category", "unknown-value"),
    ("defect.reported", {"severity": "mass"}, "data/severity", "unknown-value"),
    ("defect.reported", {"component": "garden"}, "data/component", "unknown-value"),
    ("complaint.raised", {"severity": "urgent"}, "data/severity", "unknown-value"),
    ("task.result", {"outcome": "perhaps"}, "data/outcome", "unknown-value"),
    ("hold.placed", {"how": "stop"}, "data/how", "unknown-value"),
    ("hold.placed", {"scope": "everything"}, "data/scope", "unknown-value"),
    ("ownership.transferred", {"kind": "lottery"}, "data/kind", "unknown-value"),
    ("handover.demanded", {"proof": "pigeon"}, "data/proof", "unknown-value"),
    ("message.receipt", {"state": "maybe"}, "data/state", "unknown-value"),
    ("moved_in", {"on": "2026-02-30"}, "data/on", "not-a-date"),
    ("moved_in", {"on": "2026-02-10T00:00:00"}, "data/on", "not-a-date"),
    ("moved_in", {"on": "20260210"}, "data/on", "not-a-date"),
    ("moved_in", {"on": 20260210}, "data/on", "not-a-date"),
    ("moved_in", {"on": None}, "data/on", "required"),
    ("moved_in", {"on": "1989-12-31"}, "data/on", "out-of-range"),
    ("moved_in", {"on": "2121-01-01"}, "data/on", "out-of-range"),
    ("contract.signed", {"contract_handover_date": "2026-02-09"}, "data/contract_handover_date", "wrong-order"),
    ("contract.signed", {"penalty_rule": {"per_day": "a lot"}}, "data/penalty_rule/per_day", "not-a-number"),
    ("contract.signed", {"price": -1}, "data/price", "out-of-range"),
    ("refund.settled", {"what": "everything"}, "data/what", "unknown-value"),
    ("batch.planned", {"handover_to": "2026-06-19"}, "data/handover_to", "wrong-order"),
    ("batch.planned", {"buildings": []}, "data/buildings", "empty"),
    ("item.rescheduled", {"to": "2026-06-27T10:00:00"}, "data/to", "not-an-instant"),
    ("item.decided", {"outcome": "perhaps"}, "data/outcome", "unknown-value"),
    ("call.result", {"reached": "perhaps"}, "data/reached", "not-a-boolean"),
    ("call.result", {"promises": [{"what": "x"}]}, "data/promises/0/by", "required"),
    ("consent.withdrawn", {"channel": "pigeon"}, "data/channel", "unknown-value"),
    ("contact.invalid", {"channel": "pigeon"}, "data/channel", "unknown-value"),
    ("contact.changed", {"channel": "whatsapp"}, "data/channel", "unknown-value"),
    (
        "parties.changed",
        {"owners": [{"ref": "x", "consents": [{"purpose": "care", "channel": "pigeon"}]}]},
        "data/owners/0/consents/0/channel",
        "unknown-value",
    ),
    ("contact.changed", {"address": "12345"}, "data/address", "not-a-phone"),
    ("contact.changed", {"channel": "email", "address": "li@"}, "data/address", "not-an-email"),
    ("contact.changed", {"channel": "post", "address": "成都"}, "data/address", "not-an-address"),
    ("contact.changed", {"channel": "Post", "address": "610000-123456"}, "data/address", "not-an-address"),
    ("contact.changed", {"channel": "post", "address": "路" * 201}, "data/address", "too-long"),
    ("parties.changed", {"owners": [{"ref": "x", "phone": "138"}]}, "data/owners/0/phone", "not-a-phone"),
    ("parties.changed", {"owners": [{"phone": "13800138000"}]}, "data/owners/0/ref", "required"),
    ("cost.recorded", {"amount": "a lot"}, "data/amount", "not-a-number"),
    ("cost.recorded", {"amount": -1}, "data/amount", "out-of-range"),
    ("open_day.planned", {"sessions": [{**SESSION, "capacity": 0}]}, "data/sessions/0/capacity", "out-of-range"),
    ("open_day.planned", {"sessions": [{**SESSION, "to": SESSION["from"]}]}, "data/sessions/0/to", "wrong-order"),
    ("open_day.planned", {"sessions": [SESSION, SESSION]}, "data/sessions", "invalid"),
    ("emergency.declared", {"scope": "moon"}, "data/scope", "not-an-object"),
    ("message.replied", {"text": "  "}, "data/text", "empty"),
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


def target_of(type: str) -> Target:
    return "journey" if "journey" in EVENT_TYPES[type].targets else "project"


def a_body(type: str, **changes: Any) -> dict[str, Any]:
    body = {"id": "e1", "type": type, "occurred_at": "2026-06-27T10:00:00+08:00", "data": SAMPLES[type], "person": "zw"}
    return {**body, **changes}


def told(type: str, **changes: Any) -> NewEvent:
    return check_event(a_body(type, **changes), target=target_of(type), now=NOW)


def errors_of(body: Any, target: Target = "journey") -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as refused:
        check_event(body, target=target, now=NOW)
    return [(error.field, error.rule) for error in refused.value.errors]


@pytest.mark.parametrize("type", SAMPLES)
def test_a_good_event_of_every_type_is_accepted_and_reads_the_same_again(type: str) -> None:
    event = told(type)

    assert event.type == type
    assert event.occurred_at == datetime(2026, 6, 27, 2, 0, tzinfo=UTC)
    assert event.source == "api"
    assert set(SAMPLES[type]) <= set(event.data)
    assert check_data(type, event.data) == event.data


@pytest.mark.parametrize(("type", "field"), REQUIRED_FIELDS)
def test_a_missing_field_is_refused_by_name(type: str, field: str) -> None:
    data = {name: value for name, value in SAMPLES[type].items() if name != field}

    assert errors_of(a_body(type, data=data), target_of(type)) == [(f"data/{field}", "required")]


def test_whom_to_tell_of_an_owner_is_named_with_the_tag_that_it_is_for() -> None:
    assert errors_of(a_body("tag.added", data={"inform": "zm"})) == [("data/tag", "required")]


@pytest.mark.parametrize("offset", ["+08:00", "-05:00", "Z"])
def test_a_session_that_ends_before_it_begins_is_refused_on_the_clocks_it_was_told_on(offset: str) -> None:
    begins = f"2026-12-12T10:00:00{offset}"
    session = {**SESSION, "from": begins, "to": f"2026-12-12T09:00:00{offset}"}

    with pytest.raises(InvalidInput) as refused:
        told("open_day.planned", data={**SAMPLES["open_day.planned"], "sessions": [session]})

    (error,) = refused.value.errors
    words = f"data/sessions/0/to:不得早于 {begins.replace('Z', '+00:00')}"
    assert (error.field, error.text_zh) == ("data/sessions/0/to", words)


@pytest.mark.parametrize("type", sorted(set(SAMPLES) - set(REQUIRED)))
def test_a_type_without_required_fields_needs_no_data(type: str) -> None:
    body = a_body(type)
    del body["data"]

    assert check_event(body, target=target_of(type), now=NOW).data == {}


@pytest.mark.parametrize(("type", "changes", "field", "rule"), BAD_VALUES)
def test_an_impossible_value_is_refused_by_field_and_rule(
    type: str, changes: dict[str, Any], field: str, rule: str
) -> None:
    body = a_body(type, data={**SAMPLES[type], **changes})

    assert errors_of(body, target_of(type)) == [(field, rule)]


def test_every_error_is_listed_in_both_languages() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_event({"type": "contract.signed", "data": {"on": "tomorrow"}}, target="journey", now=NOW)

    fields = {error.field: error for error in refused.value.errors}
    assert list(fields) == ["occurred_at", "id", "data/on", "data/contract_handover_date"]
    assert fields["data/on"].text == "data/on must be a real date, YYYY-MM-DD"
    assert "真实日期" in fields["data/on"].text_zh


def test_an_unknown_type_is_refused_with_the_nearest_one() -> None:
    with pytest.raises(InvalidInput) as refused:
        check_event({**a_body("moved_in"), "type": "contract.singed"}, target="journey", now=NOW)

    (error,) = refused.value.errors
    assert (error.field, error.rule) == ("type", "unknown-type")
    assert "contract.signed" in error.text


@pytest.mark.parametrize(
    ("type", "target", "where"), [("batch.planned", "journey", "projects"), ("moved_in", "project", "journeys")]
)
def test_an_event_told_to_the_wrong_side_learns_where_to_go(type: str, target: Target, where: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_event(a_body(type), target=target, now=NOW)

    (error,) = refused.value.errors
    assert error.rule == "wrong-target"
    assert f"/v1/{where}/" in error.text


@pytest.mark.parametrize(
    "type", ["consent.given", "contact.invalid", "bereavement.noted", "survey.answered", "open_day.rsvp", "call.result"]
)
def test_an_event_about_a_person_names_one(type: str) -> None:
    assert errors_of(a_body(type, person=None)) == [("person", "required")]


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"id": ""}, "id", "required"),
        ({"id": "x" * 201}, "id", "too-long"),
        ({"id": 7}, "id", "not-text"),
        ({"id": "a\x00b"}, "id", "bad-text"),
        ({"type": None}, "type", "required"),
        ({"source": ["x"]}, "source", "not-text"),
        ({"occurred_at": "2026-06-27"}, "occurred_at", "not-an-instant"),
        ({"occurred_at": "2026-06-27T10:00:00"}, "occurred_at", "not-an-instant"),
        ({"occurred_at": "2026-06-31T10:00:00Z"}, "occurred_at", "not-an-instant"),
        ({"occurred_at": "0001-01-01T00:00:00+10:00"}, "occurred_at", "not-an-instant"),
        ({"occurred_at": "1900-06-27T10:00:00Z"}, "occurred_at", "out-of-range"),
        ({"data": ["on"]}, "data", "not-an-object"),
        ({"about": "case"}, "about", "not-an-object"),
        ({"about": {"place": "x"}}, "about/item", "required"),
        ({"about": {"case": 3}}, "about/case", "not-text"),
        ({"data": {"on": "2026-06-27", "x": "y" * 10_001}}, "data/x", "too-long"),
        ({"data": {"on": "2026-06-27", "x": "\ud800"}}, "data/x", "bad-text"),
        ({"data": {"on": "2026-06-27", "x": float("nan")}}, "data/x", "not-a-number"),
        ({"data": {"on": "2026-06-27", "x": 2**70}}, "data/x", "out-of-range"),
        ({"data": {"on": "2026-06-27", "x": ["y" * 9_000] * 40}}, "", "too-large"),
    ],
)
def test_a_malformed_envelope_is_refused_by_field_and_rule(changes: dict[str, Any], field: str, rule: str) -> None:
    assert errors_of({**a_body("moved_in"), **changes}) == [(field, rule)]


@pytest.mark.parametrize("body", [None, [], "event", 3, True])
def test_a_body_that_is_no_object_is_refused(body: Any) -> None:
    assert errors_of(body) == [("", "not-an-object")]


def test_deep_nesting_is_refused_at_any_depth() -> None:
    deep: Any = []
    for _ in range(5_000):
        deep = [deep]

    ((field, rule),) = errors_of(a_body("moved_in", data={"on": "2026-06-27", "x": deep}))

    assert rule == "too-deep"
    assert field.startswith("data/x/0/0")


def test_unknown_fields_are_kept_at_every_level() -> None:
    data = {**SAMPLES["parties.changed"], "crm": {"n": 1}, "owners": [{"ref": "x", "share": 0.5}]}

    kept = told("parties.changed", data=data, about={"case": "leak1", "hint": 1})

    assert kept.data["crm"] == {"n": 1}
    assert kept.data["owners"] == [{"ref": "x", "share": 0.5}]
    assert kept.about == {"case": "leak1", "hint": 1}


def test_dates_codes_phones_and_instants_are_normalised() -> None:
    batch = told("batch.planned", data={**SAMPLES["batch.planned"], "batch": 3, "buildings": 3}).data
    open_day = told("open_day.planned").data
    phone = told("contact.changed").data
    served = told("handover.notice_served", data={"on": " 2026-06-12 ", "proof": "EMS"}).data

    assert (batch["batch"], batch["buildings"]) == ("3", ["3"])
    assert open_day["sessions"][0]["from"] == "2026-04-18T01:00:00Z"
    assert phone["address"] == "+8613800138000"
    assert served == {"on": "2026-06-12", "proof": "ems"}


@pytest.mark.parametrize(
    ("changes", "scope"),
    [
        ({"scope": {"building": 3}}, {"building": "3"}),
        ({"data": {"milestone": "topped-out", "on": "2026-06-27", "building": "5"}}, {"building": "5"}),
        ({"scope": None}, None),
    ],
)
def test_a_fact_of_a_project_has_the_scope_it_names(changes: dict[str, Any], scope: dict[str, str] | None) -> None:
    assert told("milestone.reached", **changes).scope == scope


def test_a_scope_of_two_places_is_refused() -> None:
    body = a_body("milestone.reached", scope={"building": "3", "batch": "1"})

    assert errors_of(body, "project") == [("scope", "unknown-value")]


def test_an_emergency_takes_its_scope_from_the_envelope_too() -> None:
    assert told("emergency.declared", data={"text": "停水"}, scope={"building": "3"}).data["scope"] == {"building": "3"}
    assert told("emergency.declared", data={"text": "停水", "scope": "project"}).scope is None


def test_a_correction_changes_adds_and_removes_fields() -> None:
    original = {"on": "2027-06-27", "snags": 3, "penalty_rule": {"per_day": 1, "cap": 2}}
    change = {"on": "2026-06-27", "snags": None, "penalty_rule": {"cap": None}, "reason": "x"}

    merged = merge_correction(original, change)

    assert merged == {"on": "2026-06-27", "penalty_rule": {"per_day": 1}, "reason": "x"}
    assert original["snags"] == 3


def test_a_correction_that_removes_a_required_field_is_refused() -> None:
    merged = merge_correction(SAMPLES["contract.signed"], {"on": None})

    with pytest.raises(InvalidInput) as refused:
        check_data("contract.signed", merged)

    assert [error.field for error in refused.value.errors] == ["data/on"]


def test_equal_bodies_have_equal_digests_under_one_key() -> None:
    assert body_digest({"a": 1, "b": [2]}, b"k") == body_digest({"b": [2], "a": 1}, b"k")
    assert body_digest({"a": 1}, b"k") != body_digest({"a": 2}, b"k")
    assert body_digest({"a": 1}, b"k") != body_digest({"a": 1}, b"other")


def test_an_owner_is_read_and_normalised() -> None:
    owner = check_owner(
        {
            "ref": "zw",
            "name": " 张伟 ",
            "phone": "138 0013 8000",
            "email": "zw@EXAMPLE.com",
            "language": "zh",
            "consents": ["care", {"purpose": "marketing", "evidence": "form"}],
            "birthday": "1958-05-04",
            "zone": "Asia/Shanghai",
            "vip": True,
        }
    )

    assert (owner.name, owner.phone, owner.email) == ("张伟", "+8613800138000", "zw@example.com")
    assert [(consent.purpose, consent.evidence) for consent in owner.consents] == [
        ("care", None),
        ("marketing", "form"),
    ]
    assert owner.birthday is not None
    assert owner.extra == {"vip": True}


@pytest.mark.parametrize(
    ("changes", "field", "rule"),
    [
        ({"ref": None}, "ref", "required"),
        ({"name": ""}, "name", "empty"),
        ({"phone": "12345"}, "phone", "not-a-phone"),
        ({"email": "zw"}, "email", "not-an-email"),
        ({"language": "fr"}, "language", "unknown-value"),
        ({"consents": ["everything"]}, "consents/0/purpose", "unknown-value"),
        ({"birthday": "1988-02-30"}, "birthday", "not-a-date"),
        ({"zone": "Asia/Chengdu"}, "zone", "not-a-zone"),
        ({"zone": "../etc"}, "zone", "not-a-zone"),
    ],
)
def test_an_owner_is_refused_by_field_and_rule(changes: dict[str, Any], field: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check_owner({"ref": "zw", "name": "张伟", **changes})

    assert [(error.field, error.rule) for error in refused.value.errors] == [(field, rule)]


def test_a_phone_without_country_code_belongs_to_the_region() -> None:
    assert check_owner({"ref": "a", "name": "A", "phone": "020 7946 0018"}, region="GB").phone == "+442079460018"


@given(JSON)
def test_any_json_is_taken_or_refused_with_reasons(body: Any) -> None:
    assert taken_or_refused(body)


@pytest.mark.slow
@settings(max_examples=300)
@given(st.sampled_from(sorted(SAMPLES)), st.dictionaries(st.text(max_size=5), JSON, max_size=2), st.data())
def test_any_damage_to_a_good_event_is_taken_or_refused_with_reasons(
    type: str, extra: dict[str, Any], data: st.DataObject
) -> None:
    broken = {**SAMPLES[type], data.draw(st.sampled_from(sorted(SAMPLES[type]))): data.draw(JSON), **extra}

    assert taken_or_refused(a_body(type, data=broken))
    assert taken_or_refused({**a_body(type), data.draw(st.sampled_from(["id", "person", "about", "scope"])): extra})


def taken_or_refused(body: Any) -> bool:
    return all(judged(body, target) for target in TARGETS)


def judged(body: Any, target: Target) -> bool:
    try:
        event = check_event(body, target=target, now=NOW)
    except InvalidInput as error:
        return len(error.errors) > 0
    return check_data(event.type, event.data) == event.data
