"""Broadcasts over the REST API: what one would do, opening it once, and what became of it."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from journey.domain.rules import NOTICE
from journey.store import shelf
from journey.store.broadcast_marks import item_of
from journey.store.engine import Store
from journey.store.tables import audit, broadcast_recipients, broadcasts, messages, packs, persons
from tests.journey.store.seeds import NOON
from tests.records import calendar, instant
from tests.starter.api.conftest import Connect, FixedClock
from tests.starter.api.told import HOME, PROJECT


def _written(session: Session) -> int:
    counts = [session.scalar(select(func.count()).select_from(table)) or 0 for table in (broadcasts, messages)]
    return sum(counts)


ASKED = {"project": "XN", "template": "signing.keeper-welcome", "class": "care", "id": "spring", "by": "stf_7"}


MARKETING = ASKED | {"class": "marketing", "template": "club.opening"}


def _with_a_club(session: Session) -> None:
    document = session.execute(select(packs.c.document)).scalar_one()
    said = {
        "zh": "会所开放。拒收请回复R",
        "en": "The club opens, {{ owner.name }}. Reply R to opt out",
    }
    short = {"club.opening.sms": "会所开了。拒收请回复R"}
    texts = {
        language: {**by, "club.opening": said[language], **short} for language, by in document["templates"].items()
    }
    named = document["wording"]["templates"] | {"club.opening": {"class": "marketing"}}
    wording = document["wording"] | {"templates": named}
    session.execute(update(packs).values(document=document | {"templates": texts, "wording": wording}))


async def begin(client: httpx2.AsyncClient, store: Store) -> None:
    """One owner who agreed to care, one who did not; the pack has a text of marketing too."""
    await store.write(_with_a_club)
    await store.write(shelf.publish_calendar, calendar(), NOON)
    (await client.post("/v1/projects", json=PROJECT)).raise_for_status()
    for unit, consents in (("3-1-1", ["care"]), ("5-1-1", [])):
        owner = {"ref": unit, "name": "张伟", "phone": "13800138000", "consents": consents}
        (await client.post("/v1/journeys", json=HOME | {"unit": unit, "owners": [owner]})).raise_for_status()


async def test_a_preview_counts_by_reason_masks_everybody_and_writes_nothing(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)

    found = await writer.post("/v1/broadcasts/preview", json=ASKED)

    body = found.json()
    assert body["recipients"] == 2
    assert {(one["outcome"], one["reason"], one["count"]) for one in body["outcomes"]} == {
        ("sent", None, 1),
        ("suppressed", "no-consent", 1),
    }
    assert [one["name"] for one in body["sample"]] == ["张*", "张*"]
    assert "13800138000" not in found.text
    assert await store_sqlite.read(_written) == 0


async def test_a_preview_shows_and_counts_the_text_of_the_channel_with_its_opt_out_words(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    owner = {"ref": "fan", "name": "李四", "phone": "13800138001", "consents": ["marketing"]}
    (await writer.post("/v1/journeys", json=HOME | {"unit": "5-1-2", "owners": [owner]})).raise_for_status()

    found = (await writer.post("/v1/broadcasts/preview", json=MARKETING)).json()

    assert {one["text"] for one in found["sample"] if one["outcome"] == "sent"} == {"会所开了。拒收请回复R"}
    assert found["channels"] == [{"channel": "sms", "messages": 1, "parts": 1, "cost": "0.05"}]


async def test_a_broadcast_is_opened_once_under_its_id_and_shown(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)

    first = await writer.post("/v1/broadcasts", json=ASKED)
    again = await writer.post("/v1/broadcasts", json=ASKED)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["id"] == again.json()["id"]
    shown = (await writer.get(f"/v1/broadcasts/{first.json()['id']}")).json()
    assert (shown["state"], shown["title"], shown["class"], shown["recipients"]) == ("running", "群发通知", "care", 0)
    listed = (await writer.get("/v1/broadcasts", params={"project": "XN"})).json()["data"]
    assert [one["id"] for one in listed] == [shown["id"]]


@pytest.mark.parametrize(
    "other",
    [{"building": "3"}, {"class": "contract"}, {"template": "fit-out.lecture"}, {"tags": ["vip"]}, {"days": 5}],
)
async def test_another_body_under_a_used_id_is_refused_and_not_taken_for_the_same(
    writer: httpx2.AsyncClient, store_sqlite: Store, other: dict[str, Any]
) -> None:
    await begin(writer, store_sqlite)
    first = await writer.post("/v1/broadcasts", json=ASKED | {"building": "5"})

    refused = await writer.post("/v1/broadcasts", json=ASKED | {"building": "5"} | other)
    again = await writer.post("/v1/broadcasts", json=ASKED | {"building": "5", "by": "stf_8"})

    assert (refused.status_code, refused.json()["reason"]["code"]) == (409, "told-otherwise")
    assert refused.json()["existing"] == first.json()["id"]
    assert (again.status_code, again.json()["opened"]) == (200, False)


@pytest.mark.parametrize("place", ["building", "batch"])
async def test_a_place_that_the_project_does_not_have_is_refused_with_those_it_has(
    writer: httpx2.AsyncClient, store_sqlite: Store, place: str
) -> None:
    await begin(writer, store_sqlite)
    (await writer.post("/v1/batches/XN/3", json={"handover_from": "2026-06-20", "buildings": ["3"]})).raise_for_status()

    for path in ("/v1/broadcasts", "/v1/broadcasts/preview"):
        refused = await writer.post(path, json=ASKED | {place: "ghost"}, headers={"Accept-Language": "en"})

        assert refused.status_code == 422
        (error,) = refused.json()["errors"]
        assert error["field"] == place
        assert error["text"].startswith(f"{place} must be one of: 3")
    assert await store_sqlite.read(_written) == 0
    assert (await writer.post("/v1/broadcasts/preview", json=ASKED | {place: "3"})).status_code == 200


async def test_the_words_of_those_who_are_held_name_their_earliest_instant(
    writer: httpx2.AsyncClient, store_sqlite: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def late(_: FixedClock) -> datetime:
        return instant("2026-03-02 23:00")

    await begin(writer, store_sqlite)
    monkeypatch.setattr(FixedClock, "now", late)

    found = (await writer.post("/v1/broadcasts/preview", json=ASKED, headers={"Accept-Language": "en"})).json()

    words = {one["reason"]: one["text"] for one in found["outcomes"]}
    assert words == {
        "quiet-hours": "quiet hours; held until 2026-03-03 09:00",
        "no-consent": "no consent for care",
    }


async def test_what_became_of_those_who_are_held_names_their_earliest_instant_too(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    broadcast = (await writer.post("/v1/broadcasts", json=ASKED)).json()["id"]
    until = instant("2026-03-03 09:00")
    held = {"broadcast_id": broadcast, "journey_id": "jrn_1", "state": "held", "reason": "quiet-hours", "at": NOON}
    rows = [held | {"person_id": f"psn_{n}", "until": until + timedelta(hours=n)} for n in range(2)]
    await store_sqlite.write(lambda s: s.execute(insert(broadcast_recipients), rows))

    shown = (await writer.get(f"/v1/broadcasts/{broadcast}", headers={"Accept-Language": "en"})).json()

    (outcome,) = shown["outcomes"]
    assert (outcome["text"], outcome["count"]) == ("quiet hours; held until 2026-03-03 09:00", 2)


async def test_the_audit_log_names_the_key_and_keeps_the_person_apart(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)

    (await writer.post("/v1/broadcasts", json=ASKED)).raise_for_status()

    row = await store_sqlite.read(lambda s: s.execute(select(audit)).one())
    assert (row.action, row.detail["by"]) == ("broadcast.opened", "stf_7")
    assert row.actor.startswith("key_")


async def test_what_cannot_be_sent_is_refused_with_its_field(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)

    unknown = await writer.post("/v1/broadcasts", json=ASKED | {"template": "no.such"})
    both = await writer.post("/v1/broadcasts", json=ASKED | {"building": "3", "batch": "B1"})
    nowhere = await writer.post("/v1/broadcasts", json=ASKED | {"project": "YY"})

    (wrong,) = unknown.json()["errors"]
    assert wrong["field"] == "template"
    assert "handover.reminder, " in wrong["text"]
    assert both.json()["errors"][0]["field"] == "batch"
    assert both.status_code == unknown.status_code
    assert nowhere.status_code == 404
    assert (await writer.get("/v1/broadcasts/brd_unknown")).status_code == 404


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ({"template": "handover.reminder"}, "template", "needs handover_on, which a broadcast does not know"),
        ({"template": "warranty.expiry-notice"}, "template", "needs components, days_left, ends_on"),
        ({"class": "marketing"}, "template", "lacks the opt-out words «拒收请回复R»"),
        ({"template": "letter.handover.formal-notice"}, "template", "is a text on paper"),
        ({"template": "club.opening"}, "template", "is a marketing text: it goes as marketing only"),
    ],
)
async def test_a_text_that_would_fail_for_everybody_or_that_its_class_forbids_is_refused(
    writer: httpx2.AsyncClient, store_sqlite: Store, asked: dict[str, Any], field: str, words: str
) -> None:
    await begin(writer, store_sqlite)

    for path in ("/v1/broadcasts", "/v1/broadcasts/preview"):
        refused = await writer.post(path, json=ASKED | asked, headers={"Accept-Language": "en"})

        assert refused.status_code == 422
        (error,) = refused.json()["errors"]
        assert error["field"] == field
        assert words in error["text"]
    assert await store_sqlite.read(_written) == 0


@pytest.mark.parametrize(("lang", "words"), [("zh", "rate:超出合理范围(<= 10000)"), ("en", "(<= 10000)")])
async def test_a_number_out_of_bounds_is_refused_with_its_bounds_in_the_readers_language(
    writer: httpx2.AsyncClient, lang: str, words: str
) -> None:
    refused = await writer.post("/v1/broadcasts", json=ASKED | {"rate": 10**9}, headers={"Accept-Language": lang})

    assert refused.json()["errors"][0]["rule"] == "out-of-range"
    assert words in refused.json()["detail"]


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_value_that_is_not_on_a_list_is_refused_with_the_list(writer: httpx2.AsyncClient, lang: str) -> None:
    refused = await writer.post("/v1/broadcasts", json=ASKED | {"class": "vip"}, headers={"Accept-Language": lang})

    assert refused.json()["detail"].endswith("contract, care, marketing")


async def test_an_empty_building_is_refused_as_empty(writer: httpx2.AsyncClient) -> None:
    refused = await writer.post("/v1/broadcasts", json=ASKED | {"building": ""})

    assert refused.json()["detail"] == "building:不能为空"


WORDS = {"zh": "本周六上午十点清洗 3 号楼水箱,停水两小时 {{ x }}", "en": "Water is off on Saturday from ten to noon"}
POST = {"project": "XN", "words": WORDS, "class": "care", "id": "tank", "by": "stf_7"}


async def test_a_post_in_words_of_its_own_is_a_draft_that_another_key_lets_go(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)

    opened = (await writer.post("/v1/broadcasts", json=POST)).raise_for_status().json()
    same = (await writer.post("/v1/broadcasts", json=POST)).json()
    other_words = await writer.post("/v1/broadcasts", json=POST | {"words": {"zh": "不停水了"}})
    review = (await writer.get(f"/v1/broadcasts/{opened['id']}/review")).json()
    told = {"seen": review["seen"], "reason": "无误"}
    own = [await writer.post(f"/v1/broadcasts/{opened['id']}/approve", json=told | by) for by in ({}, {"by": "韩梅"})]
    async with connect("write") as other:
        gone = await other.post(f"/v1/broadcasts/{opened['id']}/approve", json=told | {"by": "韩梅"})

    assert (opened["state"], same["opened"], other_words.status_code) == ("draft", False, 409)
    assert [one["text"] for one in review["sample"] if one["text"]] == [f"【香年】{WORDS['zh']}"]
    assert [one.status_code for one in own] == [409, 409]
    assert (gone.status_code, gone.json()["state"]) == (200, "running")


async def test_words_are_read_in_the_readers_language_and_kept_in_the_broadcast_alone(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    await store_sqlite.write(lambda session: session.execute(update(persons).values(language="en")))

    both = (await writer.post("/v1/broadcasts/preview", json=POST)).json()
    chinese = (await writer.post("/v1/broadcasts/preview", json=POST | {"words": {"zh": "停水"}})).json()

    assert [one["text"] for one in both["sample"] if one["text"]] == [f"香年: {WORDS['en']}"]
    assert [one["text"] for one in chinese["sample"] if one["text"]] == ["香年: 停水"]
    row = SimpleNamespace(
        id="brd_1", rule=NOTICE, subject="prj_1", occurrence="tank", message_class="care", due=NOON, expires=NOON,
        params={"template": NOTICE, "words": WORDS},
    )  # fmt: skip
    assert item_of(row, "psn_1", "Asia/Shanghai")["params"] == {"template": NOTICE, "broadcast": "brd_1"}


@pytest.mark.parametrize(
    ("asked", "field", "rule"),
    [
        ({"words": {"en": "only English"}}, "words/zh", "required"),
        ({"words": {"zh": ""}}, "words/zh", "empty"),
        ({"words": {"zh": "x" * 501}}, "words/zh", "too-long"),
        ({"words": {"zh": "a\x00b"}}, "words/zh", "bad-text"),
        ({"words": {"zh": "停水", "fr": "x"}}, "words/fr", "unknown-field"),
        ({"class": "contract"}, "class", "unknown-value"),
        ({"class": "marketing"}, "words/zh", "no-opt-out"),
        ({"class": "marketing", "words": {"zh": "开盘。拒收请回复R", "en": "We open"}}, "words/en", "no-opt-out"),
        ({"template": "signing.keeper-welcome"}, "words", "unknown-field"),
        ({"words": None}, "template", "required"),
        ({"words": None, "template": "broadcast.notice"}, "words", "required"),
    ],
)
async def test_a_post_that_may_not_go_is_refused_by_field_and_rule(
    writer: httpx2.AsyncClient, store_sqlite: Store, asked: dict[str, Any], field: str, rule: str
) -> None:
    await begin(writer, store_sqlite)

    for path in ("/v1/broadcasts", "/v1/broadcasts/preview"):
        refused = await writer.post(path, json=POST | asked)

        assert refused.status_code == 422
        assert [(error["field"], error["rule"]) for error in refused.json()["errors"]] == [(field, rule)]


async def test_a_marketing_post_says_how_to_get_no_more(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer, store_sqlite)
    words = {"zh": "会所开放。拒收请回复R", "en": "The club opens. Reply R to opt out"}

    opened = await writer.post("/v1/broadcasts", json=POST | {"class": "marketing", "words": words})

    assert (opened.status_code, opened.json()["state"]) == (201, "draft")
