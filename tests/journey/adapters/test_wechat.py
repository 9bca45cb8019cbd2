"""WeChat and WeCom: one token for many, renewed when refused, and answers that are always 200."""

import asyncio
import time
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr

from journey.adapters.channels import (
    Channel,
    ChannelFailure,
    Outgoing,
    PermanentFailure,
    TemporaryFailure,
    UnknownOutcome,
)
from journey.adapters.wechat import OfficialAccount, WeCom
from tests.journey.adapters.making import MORNING, NOTICE, ROOMY, SHORT, TOKEN, Make, now, official, wecom
from tests.journey.adapters.misbehaving import Behaviour, Seen, answers, never_answers, provider

OK = {"errcode": 0, "errmsg": "ok", "msgid": 200_228_332}
OPENID = NOTICE.model_copy(update={"channel": "wechat", "to": "oABC"})


def no(code: int) -> Behaviour:
    return answers({"errcode": code, "errmsg": "oABC hint: [xyz]"})


async def deliver(make: Make, *behaviours: Behaviour, outgoing: Outgoing = OPENID) -> tuple[Any, list[Seen]]:
    async with provider(TOKEN, *behaviours) as served:
        delivery = await make(served.url).deliver(outgoing)
    return delivery, served.seen


async def failure(make: Make, *behaviours: Behaviour, outgoing: Outgoing = OPENID) -> ChannelFailure:
    with pytest.raises(ChannelFailure) as caught:
        await deliver(make, *behaviours, outgoing=outgoing)
    return caught.value


async def test_a_template_message_goes_to_an_openid_with_its_parameters() -> None:
    delivery, (asked, sent) = await deliver(official, answers(OK))

    assert asked.path == "/cgi-bin/stable_token"
    assert asked.document["force_refresh"] is False
    assert (sent.path, sent.query) == ("/cgi-bin/message/template/send", {"access_token": "tok-1"})
    assert sent.document["touser"] == "oABC"
    assert sent.document["template_id"] == "SMS_1"
    assert sent.document["data"] == {"name": {"value": "张伟"}, "unit": {"value": "3-1-1202"}}
    assert len(sent.document["client_msg_id"]) == 32
    assert (delivery.state, delivery.provider_id) == ("sent", "200228332")


async def test_a_subscription_message_has_no_id_of_its_own_and_gets_ours() -> None:
    async with provider(TOKEN, answers({"errcode": 0})) as served:
        channel = OfficialAccount(
            "wechat", "wx1", SecretStr("s"), http=ROOMY, now=now, kind="subscribe", link="pages/home",
            endpoint=served.url,
        )  # fmt: skip
        first = await channel.deliver(OPENID)
        second = await channel.deliver(OPENID)

    assert served.seen[1].path == "/cgi-bin/message/subscribe/bizsend"
    assert served.seen[1].document["page"] == "pages/home"
    assert "client_msg_id" not in served.seen[1].document
    assert first.provider_id == second.provider_id
    assert first.provider_id.startswith("key-")


async def test_a_message_of_an_app_goes_to_one_member_and_asks_for_doubles_to_be_dropped() -> None:
    delivery, (asked, sent) = await deliver(wecom, answers({"errcode": 0, "msgid": "m-1"}))

    assert (asked.path, asked.query["corpid"]) == ("/cgi-bin/gettoken", "corp-1")
    assert sent.document["touser"] == "oABC"
    assert sent.document["text"] == {"content": NOTICE.body}
    assert (sent.document["enable_duplicate_check"], sent.document["duplicate_check_interval"]) == (1, 14_400)
    assert delivery.provider_id == "m-1"


@pytest.mark.parametrize("make", [official, wecom], ids=["official", "wecom"])
async def test_neither_counts_as_taking_keys_as_doubles_are_dropped_for_a_while_only(make: Make) -> None:
    assert not make("http://127.0.0.1:1").takes_keys


@pytest.mark.parametrize("make", [official, wecom], ids=["official", "wecom"])
async def test_many_at_once_fetch_one_token(make: Make) -> None:
    async with provider(TOKEN, answers(OK)) as served:
        channel = make(served.url)
        await asyncio.gather(*(channel.deliver(OPENID) for _ in range(5)))

    assert sum("token" in seen.path for seen in served.seen) == 1


@pytest.mark.parametrize("code", [40001, 42001])
async def test_a_token_that_is_refused_is_renewed_once_and_the_message_sent_with_the_new_one(code: int) -> None:
    fresh = answers({"access_token": "tok-2", "expires_in": 7200})

    delivery, seen = await deliver(official, no(code), fresh, answers(OK))

    assert delivery.provider_id == "200228332"
    assert [each.query.get("access_token") for each in seen] == [None, "tok-1", None, "tok-2"]
    assert seen[2].document["force_refresh"] is True


async def test_a_token_that_is_refused_again_is_a_failure_of_the_login() -> None:
    fresh = answers({"access_token": "tok-2", "expires_in": 7200})

    found = await failure(official, no(40001), fresh, no(40001))

    assert (type(found), found.error) == (TemporaryFailure, "login-refused")


async def test_a_token_is_fetched_again_before_it_ends() -> None:
    instant = MORNING

    async def clock() -> datetime:
        return instant

    async with provider(TOKEN, answers(OK), answers(OK), TOKEN, answers(OK)) as served:
        channel = WeCom("wecom", "c", SecretStr("s"), 1, http=ROOMY, now=clock, endpoint=served.url)
        await channel.deliver(OPENID)
        instant += timedelta(minutes=114)
        await channel.deliver(OPENID)
        instant += timedelta(minutes=2)
        await channel.deliver(OPENID)

    assert [seen.path.rpartition("/")[2] for seen in served.seen] == ["gettoken", "send", "send", "gettoken", "send"]


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        (no(40125), "login-refused"),
        (no(45009), "too-many"),
        (answers(b"busy"), "login-refused"),
        (answers(b"", status=500), "http-500"),
        (never_answers, "timeout"),
    ],
)
@pytest.mark.parametrize("make", [official, wecom], ids=["official", "wecom"])
async def test_without_a_token_nothing_was_sent(make: Make, behaviour: Behaviour, error: str) -> None:
    async with provider(behaviour) as served:
        with pytest.raises(TemporaryFailure, match=error):
            await make(served.url, SHORT).deliver(OPENID)

    assert len(served.seen) == 1


async def test_who_waits_for_a_token_that_never_comes_is_done_in_time_too() -> None:
    async with provider(never_answers) as served:
        channel = official(served.url, SHORT)
        started = time.monotonic()
        results = await asyncio.gather(*(channel.deliver(OPENID) for _ in range(4)), return_exceptions=True)

    assert {type(each) for each in results} == {TemporaryFailure}
    # One after the other they would have waited four times as long.
    assert time.monotonic() - started < 4 * SHORT.timeout.total_seconds()


@pytest.mark.parametrize(
    ("make", "code", "kind", "error"),
    [
        (official, 43101, PermanentFailure, "user-refused"),
        (official, 43004, PermanentFailure, "not-following"),
        (official, 40003, PermanentFailure, "bad-recipient"),
        (official, 40037, PermanentFailure, "template-refused"),
        (official, 47003, PermanentFailure, "template-params"),
        (official, 45009, TemporaryFailure, "too-many"),
        (official, 43107, TemporaryFailure, "account"),
        (official, -1, UnknownOutcome, "provider-failed"),
        (official, 99999, PermanentFailure, "refused"),
        (wecom, 60111, PermanentFailure, "bad-recipient"),
        (wecom, 81013, PermanentFailure, "out-of-reach"),
        (wecom, 60020, TemporaryFailure, "login-refused"),
        (wecom, 45009, TemporaryFailure, "too-many"),
        (wecom, -1, UnknownOutcome, "provider-failed"),
    ],
)
async def test_a_code_says_what_became_of_the_message(
    make: Make, code: int, kind: type[ChannelFailure], error: str
) -> None:
    found = await failure(make, no(code))

    assert (type(found), found.error) == (kind, error)


@pytest.mark.parametrize("field", ["invaliduser", "unlicenseduser"])
async def test_a_member_whom_wecom_does_not_know_got_nothing(field: str) -> None:
    found = await failure(wecom, answers({"errcode": 0, "msgid": "m-1", field: "oabc"}))

    assert (type(found), found.error) == (PermanentFailure, "out-of-reach")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"to": "@all"}, "out-of-reach"),
        ({"to": "a|b"}, "out-of-reach"),
        ({"to": " "}, "out-of-reach"),
        ({"body": "字" * 683}, "bad-message"),
    ],
)
async def test_a_message_never_reaches_more_than_the_one_and_never_in_half(change: dict[str, Any], error: str) -> None:
    async with provider(TOKEN) as served:
        channel: Channel = wecom(served.url)
        with pytest.raises(PermanentFailure, match=error):
            await channel.deliver(OPENID.model_copy(update=change))

    assert served.seen == []


async def test_an_official_account_sends_approved_texts_only() -> None:
    async with provider(TOKEN) as served:
        with pytest.raises(PermanentFailure, match="template-not-approved"):
            await official(served.url).deliver(OPENID.model_copy(update={"approved": None}))

    assert served.seen == []
