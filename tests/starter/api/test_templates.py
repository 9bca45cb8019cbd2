"""Templates over the API: versions, words on them, previews that show nobody, tests that reach no owner."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import func, select

from journey.domain.wording import fingerprint
from journey.store import shelf as shelves
from journey.store import tables, template_tests
from journey.store.engine import Store
from tests.journey.store.seeds import NOON
from tests.packs import built_in
from tests.starter.api.conftest import Connect
from tests.starter.api.told import begin

WELCOME = "signing.keeper-welcome"
URL = f"/v1/templates/{WELCOME}"
NEW = "{{ owner.name }},新文本"


async def publish(store: Store, text: str, spec: dict[str, Any] | None = None) -> None:
    """Another version of the built-in pack, with another welcome in both languages."""
    document = built_in().document
    for by_template in document["templates"].values():
        by_template[WELCOME] = text
    document["wording"]["templates"][WELCOME] = spec or {}
    await store.write(
        shelves.publish_pack, name="cn-residential", content_hash=fingerprint(text), document=document, now=NOON
    )


def word(state: str, party: str = "legal", **more: Any) -> dict[str, Any]:
    """A word on the Chinese welcome."""
    return {"language": "zh", "party": party, "state": state, "by": "stf_1"} | more


async def standing(client: httpx2.AsyncClient) -> str:
    """What goes out of the Chinese welcome."""
    found = (await client.get(URL)).raise_for_status().json()
    return str(found["languages"]["zh"]["state"])


async def test_a_list_says_of_each_template_whether_its_newest_text_goes_out(writer: httpx2.AsyncClient) -> None:
    rows = (await writer.get("/v1/templates")).raise_for_status().json()["data"]

    names = [row["id"] for row in rows]
    assert names == sorted(names)
    assert WELCOME in names
    assert {one["state"] for row in rows for one in row["languages"].values()} == {"active"}


async def test_a_new_version_waits_for_its_post_and_then_goes_out(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await publish(store_sqlite, NEW, {"approvals": ["legal"]})
    before = await standing(writer)

    for state in ("submitted", "approved"):
        (await writer.post(f"{URL}/approvals", json=word(state))).raise_for_status()
    found = (await writer.get(URL)).json()

    assert before == "waiting"
    assert found["languages"]["zh"]["state"] == "active"
    assert found["languages"]["en"]["state"] == "waiting"
    assert [(row["state"], row["by"], row["party_label"]) for row in found["history"]] == [
        ("submitted", "stf_1", "法务"),
        ("approved", "stf_1", "法务"),
    ]
    chinese = [one for one in found["texts"] if one["language"] == "zh"]
    assert [one["text"] == NEW for one in chinese] == [True, False]


async def test_a_word_that_stands_already_adds_nothing_and_one_out_of_order_is_refused(
    writer: httpx2.AsyncClient,
) -> None:
    first = await writer.post(f"{URL}/approvals", json=word("approved"))
    again = await writer.post(f"{URL}/approvals", json=word("approved"))
    back = await writer.post(f"{URL}/approvals", json=word("submitted"))

    assert (first.json()["changed"], again.json()["changed"]) == (True, False)
    assert back.status_code == 409
    assert len((await writer.get(URL)).json()["history"]) == 1


@pytest.mark.parametrize(
    ("told", "field"),
    [
        (word("rejected"), "reason"),
        (word("approved", code="SMS_1"), "code"),
        (word("draft", "aliyun", code="SMS_1", params={"a": "owner.phone"}), "params/a"),
        (word("draft", "aliyun", code="SMS_1", params={"a": "handover_on"}), "params/a"),
        (word("draft", "aliyun", code="SMS_1", params={"a": "''.__class__"}), "params/a"),
        (word("nodded"), "state"),
        (word("approved") | {"language": "fr"}, "language"),
    ],
)
async def test_a_word_that_cannot_be_is_refused_at_its_field(
    writer: httpx2.AsyncClient, told: dict[str, Any], field: str
) -> None:
    answer = await writer.post(f"{URL}/approvals", json=told)

    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["errors"]] == [field]


async def test_a_provider_is_told_once_and_its_approval_keeps_sign_and_code(writer: httpx2.AsyncClient) -> None:
    known = {"sign": "香年", "code": "SMS_1", "params": {"name": "owner.name"}}

    (await writer.post(f"{URL}/approvals", json=word("draft", "aliyun", **known))).raise_for_status()
    (await writer.post(f"{URL}/approvals", json=word("approved", "aliyun"))).raise_for_status()
    last = (await writer.get(URL)).json()["history"][-1]

    assert (last["state"], last["sign"], last["code"], last["params"]) == ("approved", *known.values())


async def test_a_diff_shows_what_changed_between_two_versions(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await publish(store_sqlite, NEW)
    texts = (await writer.get(URL)).json()["texts"]
    old = [one for one in texts if one["language"] == "zh"][-1]

    found = (await writer.get(f"{URL}/diff", params={"before": old["version"][:12]})).raise_for_status().json()

    assert f"+{NEW}" in found["lines"]
    assert f"-{old['text'].strip()}" in [line.strip() for line in found["lines"]]
    assert (found["before"], found["after"]) == (old["version"], fingerprint(NEW))


async def test_what_there_is_not_is_not_found(writer: httpx2.AsyncClient) -> None:
    asked = [
        await writer.get("/v1/templates/no.such"),
        await writer.get(URL, params={"pack": "no-such"}),
        await writer.get(f"{URL}/diff", params={"before": "abcdef12"}),
        await writer.get(f"{URL}/preview", params={"journey": "XN/9"}),
        await writer.get("/v1/templates/tests/tst_1"),
    ]

    assert {answer.status_code for answer in asked} == {404}


async def test_a_preview_shows_a_real_home_and_nobodys_name_and_leaves_a_trace(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    journey = await begin(writer)

    found = await writer.get("/v1/templates/handover.notice/preview", params={"journey": "XN/3-1-1202"})
    document = found.raise_for_status().json()
    traces = await store_sqlite.read(
        lambda s: s.execute(select(tables.audit).where(tables.audit.c.action == "template.previewed")).all()
    )

    sms = next(one for one in document["channels"] if one["channel"] == "sms")
    assert "张伟" not in found.text
    assert "13800138000" not in found.text
    assert "张*" in sms["text"]
    assert "3-1-1202" in sms["text"]
    assert (sms["segments"], sms["price"], sms["missing"]) == (2, "0.10 CNY", [])
    assert document["assumed"] == ["handover_on"]
    assert [one.subject for one in traces] == [journey]
    assert next(one for one in document["channels"] if one["channel"] == "email")["subject"] == "3-1-1202 交付安排"


async def test_a_preview_names_the_variable_that_is_missing(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer)
    await publish(store_sqlite, "{{ owner.nickname }}")

    found = (await writer.get(f"{URL}/preview", params={"journey": "XN/3-1-1202"})).raise_for_status().json()

    assert {tuple(one["missing"]) for one in found["channels"]} == {("owner.nickname",)}
    assert {one["text"] for one in found["channels"]} == {None}


async def test_a_test_never_goes_to_an_owner(writer: httpx2.AsyncClient, store_sqlite: Store) -> None:
    await begin(writer)

    answer = await writer.post(f"{URL}/test", json={"channel": "sms", "to": "138 0013 8000", "by": "stf_1"})
    rows = await store_sqlite.read(
        lambda s: s.execute(select(func.count()).select_from(tables.template_tests)).scalar()
    )

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "to"
    assert rows == 0


async def test_a_test_that_no_worker_can_send_ends_and_forgets_the_address(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    answer = await writer.post(f"{URL}/test", json={"channel": "sms", "to": "13900139000", "by": "stf_1"})
    body = answer.json()
    row = await store_sqlite.read(template_tests._row, body["id"])

    assert answer.status_code == 201
    assert (body["state"], body["reason"], body["to"]) == ("failed", "temporal-away", "+86139****9000")
    assert row is not None
    assert row.address is None
    assert (await writer.get(answer.headers["location"])).json()["state"] == "failed"


async def test_who_may_only_read_says_nothing_of_templates(connect: Connect) -> None:
    async with connect("read") as reader:
        answers = [
            await reader.post(f"{URL}/approvals", json=word("approved")),
            await reader.post(f"{URL}/test", json={"channel": "sms", "to": "13900139000", "by": "stf_1"}),
        ]

    assert {answer.status_code for answer in answers} == {403}


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_every_template_is_named_in_the_readers_language(writer: httpx2.AsyncClient, lang: str) -> None:
    rows = (await writer.get("/v1/templates", headers={"Accept-Language": lang})).json()["data"]

    assert [row["id"] for row in rows if (lang == "zh") == row["label"].isascii()] == []
    labels = {row["id"]: row["label"] for row in rows}
    assert labels["letter.handover.formal-notice"] == {
        "zh": "函件:书面交付通知(留存送达凭证)", "en": "letter: formal notice"
    }[lang]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"{URL}/diff?before=3f2a91c0", "没有这个模板版本"),
        ("/v1/templates?pack=nope", "没有发布过政策包 nope"),
    ],
)
async def test_what_is_not_there_is_named(writer: httpx2.AsyncClient, path: str, words: str) -> None:
    refused = await writer.get(path)

    assert (refused.status_code, refused.json()["detail"]) == (404, words)


async def test_a_party_in_chinese_is_refused_for_its_characters(writer: httpx2.AsyncClient) -> None:
    refused = await writer.post(f"{URL}/approvals", json=word("submitted", "法务"))

    assert refused.json()["detail"] == "party:含有此处不允许的字符"


@pytest.mark.parametrize("state", ["approved", "submitted", "rejected"])
async def test_a_party_that_is_neither_post_nor_provider_is_refused_with_those_there_are(
    writer: httpx2.AsyncClient, state: str
) -> None:
    refused = await writer.post(f"{URL}/approvals", json=word(state, "nobody", reason="x"))

    (error,) = refused.json()["errors"]
    assert (refused.status_code, error["field"]) == (422, "party")
    assert error["text"] == "party:只能取:legal, marketing"


async def test_a_provider_that_approves_says_under_which_code(writer: httpx2.AsyncClient) -> None:
    (await writer.post(f"{URL}/approvals", json=word("draft", "aliyun", sign="香年"))).raise_for_status()

    refused = await writer.post(f"{URL}/approvals", json=word("approved", "aliyun"))
    nobody = await writer.post(f"{URL}/approvals", json=word("approved", "nobody"))

    assert [one["field"] for one in refused.json()["errors"]] == ["code"]
    assert nobody.json()["errors"][0]["text"] == "party:只能取:legal, marketing, aliyun"


@pytest.mark.parametrize(
    ("channel", "to"),
    [("email", "a@b"), ("email", "nobody"), ("sms", "12"), ("voice", "a@b.cn"), ("wechat", "张伟"), ("wechat", "a b")],
)
async def test_a_test_to_an_address_that_cannot_be_is_refused(
    writer: httpx2.AsyncClient, store_sqlite: Store, channel: str, to: str
) -> None:
    refused = await writer.post(f"{URL}/test", json={"channel": channel, "to": to, "by": "stf_1"})
    rows = await store_sqlite.read(
        lambda s: s.execute(select(func.count()).select_from(tables.template_tests)).scalar()
    )

    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "to")
    assert rows == 0
