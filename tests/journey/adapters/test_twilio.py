"""Twilio: text messages and calls, its parts and prices, its codes by what they say of the message."""

import base64
from decimal import Decimal
from typing import Any

import pytest

from journey.adapters.channels import ChannelFailure, PermanentFailure, TemporaryFailure, UnknownOutcome
from tests.journey.adapters.making import NOTICE, twilio_sms, twilio_voice
from tests.journey.adapters.misbehaving import answers, provider

YES = {"sid": "SM1", "status": "queued", "num_segments": "2", "price": None, "price_unit": "USD", "error_code": None}


async def failure(body: Any, status: int = 400) -> ChannelFailure:
    async with provider(answers(body, status=status)) as served:
        with pytest.raises(ChannelFailure) as caught:
            await twilio_sms(served.url).deliver(NOTICE)
    return caught.value


async def test_a_text_message_is_sent_by_form_with_the_accounts_login() -> None:
    async with provider(answers(YES, status=201)) as served:
        delivery = await twilio_sms(served.url).deliver(NOTICE)

    seen = served.seen[0]
    assert seen.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert seen.headers["authorization"] == "Basic " + base64.b64encode(b"AC1:token").decode()
    assert seen.form == {"To": NOTICE.to, "From": "+14155550100", "Body": NOTICE.body}
    assert (delivery.state, delivery.provider_id, delivery.segments) == ("sent", "SM1", 2)


async def test_parts_and_price_are_the_providers_own_where_it_says_them() -> None:
    async with provider(answers({**YES, "price": "-0.0158", "status": "delivered"}, status=201)) as served:
        said = await twilio_sms(served.url).deliver(NOTICE)
    async with provider(answers({**YES, "num_segments": "0"}, status=201)) as served:
        counted = await twilio_sms(served.url).deliver(NOTICE)

    assert said.cost is not None
    assert (said.cost.amount, said.cost.currency) == (Decimal("0.0158"), "USD")
    assert said.state == "delivered"
    assert counted.segments == 1
    assert counted.cost is not None
    assert (counted.cost.amount, counted.cost.currency) == (Decimal("0.045"), "CNY")


async def test_a_messaging_service_picks_the_sender() -> None:
    async with provider(answers(YES, status=201)) as served:
        channel = twilio_sms(served.url)
        channel._sender = "MG0123"
        await channel.deliver(NOTICE)

    assert served.seen[0].form["MessagingServiceSid"] == "MG0123"
    assert "From" not in served.seen[0].form


async def test_a_call_reads_the_text_aloud_and_obeys_nothing_in_it() -> None:
    async with provider(answers({"sid": "CA1", "status": "queued"}, status=201)) as served:
        delivery = await twilio_voice(served.url).deliver(
            NOTICE.model_copy(update={"body": "到期 <Dial>1</Dial> & 完"})
        )

    seen = served.seen[0]
    assert seen.path.endswith("/Calls.json")
    assert seen.form["Twiml"] == (
        '<Response><Say language="zh-CN">到期 &lt;Dial&gt;1&lt;/Dial&gt; &amp; 完</Say></Response>'
    )
    assert (delivery.provider_id, delivery.segments, delivery.cost) == ("CA1", None, None)


@pytest.mark.parametrize("make", [twilio_sms, twilio_voice])
async def test_it_is_told_where_to_say_how_a_message_ended_when_the_file_names_that(make: Any) -> None:
    async with provider(answers(YES, status=201)) as served:
        channel = make(served.url)
        await channel.deliver(NOTICE)
        channel._callback = "https://example.com/v1/hooks/twilio"
        await channel.deliver(NOTICE)

    assert [seen.form.get("StatusCallback") for seen in served.seen] == [None, "https://example.com/v1/hooks/twilio"]


@pytest.mark.parametrize(
    ("code", "status", "kind", "error"),
    [
        (21211, 400, PermanentFailure, "bad-recipient"),
        (21614, 400, PermanentFailure, "out-of-reach"),
        (21612, 400, PermanentFailure, "out-of-reach"),
        (21610, 400, PermanentFailure, "opted-out"),
        (21617, 400, PermanentFailure, "bad-message"),
        (21999, 400, PermanentFailure, "http-400"),
        (20003, 401, TemporaryFailure, "login-refused"),
        (20429, 429, TemporaryFailure, "too-many"),
        (20500, 500, UnknownOutcome, "http-500"),
    ],
)
async def test_a_code_says_what_became_of_the_message(
    code: int, status: int, kind: type[ChannelFailure], error: str
) -> None:
    found = await failure({"code": code, "message": f"{NOTICE.to} is wrong", "status": status}, status)

    assert (type(found), found.error) == (kind, error)


@pytest.mark.parametrize(
    ("code", "kind", "error"),
    [
        (30003, TemporaryFailure, "recipient-away"),
        (30005, PermanentFailure, "bad-recipient"),
        (30006, PermanentFailure, "out-of-reach"),
        (30007, PermanentFailure, "content-refused"),
        (30008, UnknownOutcome, "provider-failed"),
        (None, PermanentFailure, "refused"),
    ],
)
async def test_201_with_a_message_that_failed_is_no_yes(
    code: int | None, kind: type[ChannelFailure], error: str
) -> None:
    found = await failure({**YES, "status": "failed", "error_code": code}, 201)

    assert (type(found), found.error) == (kind, error)


async def test_it_takes_no_keys_so_a_second_call_is_a_second_message() -> None:
    async with provider(answers(YES, status=201)) as served:
        channel = twilio_sms(served.url)
        for _ in range(2):
            await channel.deliver(NOTICE)

    assert not channel.takes_keys
    assert len(served.seen) == 2
