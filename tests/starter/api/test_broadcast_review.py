"""A second person's go follows what he saw: whom it reaches, what each would read, and the words in every language."""

from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from journey.domain.wording import ApprovalState, fingerprint
from journey.store import approvals
from journey.store.approvals import Said
from journey.store.engine import Store
from journey.store.tables import packs
from tests.journey.store.seeds import NOON
from tests.starter.api.conftest import Connect
from tests.starter.api.test_broadcast_orders import _reword, opened, ordered
from tests.starter.api.test_broadcasts import MARKETING, POST, WORDS, begin
from tests.starter.api.told import HOME

WELCOME = {"project": "XN", "template": "signing.keeper-welcome", "class": "care"}
CHANNELS = ("wechat", "sms", "email")


async def home(client: httpx2.AsyncClient, number: int, **owner: Any) -> None:
    """One more home with one owner."""
    body = {"ref": f"ref-{number}", "name": "李四", "phone": f"1390013{number:04d}"} | owner
    (await client.post("/v1/journeys", json=HOME | {"unit": f"7-1-{number}", "owners": [body]})).raise_for_status()


async def reviewed(client: httpx2.AsyncClient, broadcast: str) -> dict[str, Any]:
    """What a second person sees."""
    return dict((await client.get(f"/v1/broadcasts/{broadcast}/review")).raise_for_status().json())


def said(found: dict[str, Any]) -> dict[str, set[str]]:
    """The words that are shown, by language."""
    texts: dict[str, set[str]] = {}
    for one in found["texts"]:
        texts.setdefault(one["language"], set()).add(one["text"])
    return texts


async def test_the_sample_shows_those_who_would_get_it_in_every_language_and_by_every_channel(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    for number in range(14):
        await home(writer, number)
    others: list[dict[str, Any]] = [{}, {"language": "en"}, {"phone": None, "email": "li@example.org"}]
    for number, more in enumerate(others, start=14):
        await home(writer, number, consents=["care"], **more)

    found = (await writer.post("/v1/broadcasts/preview", json=WELCOME)).raise_for_status().json()

    reached = [one for one in found["sample"] if one["text"]]
    assert found["sample"][: len(reached)] == reached
    assert len(reached) == 4
    assert {(one["language"], one["channel"]) for one in reached} == {("zh", "sms"), ("en", "sms"), ("zh", "email")}
    assert len(found["sample"]) == 10
    counts = {(one["outcome"], one["reason"]): one["count"] for one in found["outcomes"]}
    assert counts == {("sent", None): 4, ("suppressed", "no-consent"): 15}


async def test_a_language_that_few_read_is_sampled_beside_one_that_many_read(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    for number in range(13):
        await home(writer, number, consents=["care"], **({"language": "en"} if number == 7 else {}))

    first, second = [(await writer.post("/v1/broadcasts/preview", json=WELCOME)).json() for _ in range(2)]

    assert [one["language"] for one in first["sample"]].count("en") == 1
    assert all(one["text"] for one in first["sample"])
    assert first["sample"] == second["sample"]
    readers = {(one["language"], tuple(one["channels"])): one["recipients"] for one in first["texts"]}
    assert sorted(count for count in readers.values() if count) == [1, 13]


async def test_the_words_are_shown_in_every_language_though_nobody_of_the_sample_would_read_them(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    post = await opened(writer, POST)
    marketing = await opened(writer, MARKETING | {"id": "club"})

    shown = (await writer.get(f"/v1/broadcasts/{post}")).json()
    found = await reviewed(writer, marketing)

    assert said(await reviewed(writer, post)) == {"zh": {f"【香年】{WORDS['zh']}"}, "en": {f"香年: {WORDS['en']}"}}
    assert said(shown) == said(await reviewed(writer, post))
    assert [one["text"] for one in found["sample"] if one["text"]] == []
    assert {"会所开放。拒收请回复R", "会所开了。拒收请回复R"} <= said(found)["zh"]
    assert "The club opens, …. Reply R to opt out" in said(found)["en"]
    by_channel = {
        channel: one["text"] for one in found["texts"] if one["language"] == "zh" for channel in one["channels"]
    }
    assert (by_channel["sms"], by_channel["email"]) == ("会所开了。拒收请回复R", "会所开放。拒收请回复R")


async def test_a_broadcast_that_goes_already_shows_no_words_that_it_may_not_have_gone_with(
    writer: httpx2.AsyncClient, store_sqlite: Store
) -> None:
    await begin(writer, store_sqlite)
    running = await opened(writer)

    assert (await writer.get(f"/v1/broadcasts/{running}")).json()["texts"] == []


@pytest.mark.parametrize("state", [ApprovalState.REJECTED, None])
async def test_the_go_is_refused_when_another_version_than_the_one_seen_would_go(
    writer: httpx2.AsyncClient, connect: Connect, store_sqlite: Store, state: ApprovalState | None
) -> None:
    await begin(writer, store_sqlite)
    await store_sqlite.write(_reword, "club.opening")
    broadcast = await opened(writer, MARKETING)
    seen = await reviewed(writer, broadcast)
    if state is not None:
        document = await store_sqlite.read(
            lambda s: s.execute(select(packs.c.document).where(packs.c.hash == "reworded")).scalar_one()
        )
        text = document["templates"]["zh"]["club.opening"]
        word = Said("club.opening", "zh", fingerprint(text), "legal", state, "stf_9", reason="口径有误")
        await store_sqlite.write(approvals.say, word, NOON, "key_1")

    async with connect("write") as second:
        answer = await ordered(second, broadcast, "approve", seen=seen["seen"], by="stf_8")

    assert any(text.endswith("请勿回复。") for text in said(seen)["zh"])
    if state is None:
        assert answer.json()["state"] == "running"
    else:
        assert (answer.status_code, answer.json()["reason"]["code"]) == (409, "text-changed")
