"""The generic provider: what it is sent and signed with, and answers read by configuration alone."""

import base64
import hmac
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from pydantic import SecretStr

from journey.adapters.channels import ChannelFailure, Delivery, PermanentFailure, TemporaryFailure, UnknownOutcome
from journey.adapters.http_provider import AnswerPlaces, signature
from tests.journey.adapters.making import FEN, MORNING, NOTICE, SECRET, SHORT, signed_http
from tests.journey.adapters.misbehaving import Behaviour, Seen, answers, never_answers, provider

KEY = sha256(NOTICE.key.encode()).hexdigest()
PLACES = AnswerPlaces(
    id="data.0.id", status="state", ok=("OK", "0"), delivered=("ARRIVED",), error="code", permanent=("E-NUMBER",),
    dead=("E-GONE",), temporary=("E-BUSY",), segments="data.0.parts", cost="data.0.fee", currency="data.0.unit",
)  # fmt: skip


async def deliver(behaviour: Behaviour, **options: Any) -> tuple[Delivery, Seen]:
    async with provider(behaviour) as served:
        delivery = await signed_http(served.url, **options).deliver(NOTICE)
    return delivery, served.seen[0]


async def failure(behaviour: Behaviour, **options: Any) -> ChannelFailure:
    with pytest.raises(ChannelFailure) as caught:
        await deliver(behaviour, **options)
    return caught.value


async def test_it_is_sent_the_message_with_its_key_and_a_signature_over_both() -> None:
    delivery, seen = await deliver(answers({"id": "p-1"}), headers={"X-App": SecretStr("app-7")})

    signed = f"{KEY}.{int(MORNING.timestamp())}.".encode() + seen.body
    proof = base64.b64encode(hmac.new(b"sixteen bytes or more", signed, sha256).digest()).decode()
    assert (delivery.state, delivery.provider_id) == ("sent", "p-1")
    assert (seen.method, seen.path) == ("POST", "/send")
    assert seen.headers["webhook-signature"] == f"v1,{proof}"
    assert seen.headers["webhook-id"] == seen.headers["idempotency-key"] == seen.document["key"] == KEY
    assert seen.headers["x-app"] == "app-7"
    assert seen.document["to"] == NOTICE.to
    assert seen.document["text"] == NOTICE.body
    assert seen.document["template"]["params"] == {"name": "张伟", "unit": "3-1-1202"}


async def test_every_attempt_carries_the_same_key() -> None:
    async with provider(never_answers, answers({"id": "p-1"})) as served:
        channel = signed_http(served.url, SHORT, takes_keys=True)
        with pytest.raises(UnknownOutcome):
            await channel.deliver(NOTICE)
        await channel.deliver(NOTICE)

    assert channel.takes_keys
    assert {seen.headers["idempotency-key"] for seen in served.seen} == {KEY}


async def test_an_answer_is_read_where_the_configuration_says() -> None:
    content = {"state": "OK", "data": [{"id": 4711, "parts": "2", "fee": "-0.09", "unit": "CNY"}]}

    delivery, _ = await deliver(answers(content), places=PLACES)

    assert (delivery.state, delivery.provider_id, delivery.segments) == ("sent", "4711", 2)
    assert delivery.cost is not None
    assert (delivery.cost.amount, delivery.cost.currency) == (Decimal("0.09"), "CNY")


async def test_a_state_that_means_arrived_is_delivered() -> None:
    delivery, _ = await deliver(answers({"state": "ARRIVED", "data": [{"id": "1"}]}), places=PLACES)

    assert delivery.state == "delivered"


@pytest.mark.parametrize(
    ("content", "kind", "error"),
    [
        ({"state": "FAIL", "code": "E-NUMBER"}, PermanentFailure, "code-E-NUMBER"),
        ({"state": "FAIL", "code": "E-GONE"}, PermanentFailure, "bad-recipient"),
        ({"state": "FAIL", "code": "E-BUSY"}, TemporaryFailure, "code-E-BUSY"),
        ({"state": "FAIL", "code": "E-138 0013 8000"}, PermanentFailure, "refused"),
        ({"state": "FAIL"}, PermanentFailure, "refused"),
        ({"code": "E-NEW", "data": [{"id": "1"}]}, UnknownOutcome, "answer-unreadable"),
        ({"state": "OK", "data": []}, UnknownOutcome, "answer-unreadable"),
        ({"state": "OK", "data": [{"id": ""}]}, UnknownOutcome, "answer-unreadable"),
        ({"state": "OK", "data": [{"id": {"deep": 1}}]}, UnknownOutcome, "answer-unreadable"),
        ({"state": "OK", "data": [{"id": "x" * 201}]}, UnknownOutcome, "answer-unreadable"),
        ({"state": True, "data": [{"id": "1"}]}, UnknownOutcome, "answer-unreadable"),
    ],
)
async def test_200_with_an_error_in_the_body_is_no_yes(
    content: dict[str, Any], kind: type[ChannelFailure], error: str
) -> None:
    found = await failure(answers(content), places=PLACES)

    assert (type(found), found.error) == (kind, error)


async def test_a_known_code_says_more_than_the_status_line() -> None:
    busy = await failure(answers({"code": "E-BUSY"}, status=400, Retry_After="60"), places=PLACES)
    gone = await failure(answers({"code": "E-NUMBER"}, status=500), places=PLACES)

    assert isinstance(busy, TemporaryFailure)
    assert busy.retry_after is not None
    assert isinstance(gone, PermanentFailure)


async def test_parts_and_cost_are_counted_when_the_provider_does_not_say() -> None:
    long = NOTICE.model_copy(update={"body": "【香年】" + "字" * 67})
    async with provider(answers({"id": "1"})) as served:
        delivery = await signed_http(served.url, price=FEN, sign="香年").deliver(long)

    assert delivery.segments == 2
    assert delivery.cost is not None
    assert delivery.cost.amount == Decimal("0.09")


async def test_a_provider_that_wants_an_approved_text_gets_no_other() -> None:
    async with provider(answers({"id": "1"})) as served:
        channel = signed_http(served.url, needs_template=True)
        with pytest.raises(PermanentFailure, match="template-not-approved"):
            await channel.deliver(NOTICE.model_copy(update={"approved": None}))

    assert served.seen == []


def test_the_signature_is_that_of_standard_webhooks() -> None:
    # The example of the specification's own libraries.
    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = MORNING.fromtimestamp(1_614_265_330, tz=MORNING.tzinfo)

    headers = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_what_is_sent_stays_out_of_printed_forms() -> None:
    assert "13800138000" not in repr(NOTICE)
    assert "张伟" not in repr(NOTICE)
    assert SECRET.get_secret_value() not in repr(SECRET)
