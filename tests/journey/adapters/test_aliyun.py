"""Aliyun SMS: the signature of its documentation, approved texts only, its codes by what they say of the message."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from pydantic import SecretStr

from journey.adapters.aliyun import authorised, canonical_query
from journey.adapters.channels import (
    ChannelFailure,
    Outgoing,
    PermanentFailure,
    ProviderTemplate,
    TemporaryFailure,
    UnknownOutcome,
)
from tests.journey.adapters.making import NOTICE, aliyun
from tests.journey.adapters.misbehaving import answers, provider

YES = {"Code": "OK", "Message": "OK", "RequestId": "r-1", "BizId": "900619746936498440^0"}


def no(code: str) -> dict[str, Any]:
    return {"Code": code, "Message": "+8613800138000 被拒", "RequestId": "r-2"}


async def failure(body: Any, *, outgoing: Outgoing = NOTICE, **options: Any) -> ChannelFailure:
    async with provider(answers(body, **options)) as served:
        with pytest.raises(ChannelFailure) as caught:
            await aliyun(served.url).deliver(outgoing)
    return caught.value


def test_a_request_is_signed_as_the_documentation_shows() -> None:
    # 阿里云「V3 版本请求体 & 签名机制» gives this request with its signature.
    query = canonical_query(
        {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    )
    headers = authorised(
        "POST", "ecs.cn-shanghai.aliyuncs.com", query, b"",
        headers={
            "x-acs-action": "RunInstances",
            "x-acs-version": "2014-05-26",
            "x-acs-date": "2023-10-26T10:22:32Z",
            "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        },
        key_id="YourAccessKeyId", key_secret=SecretStr("YourAccessKeySecret"),
    )  # fmt: skip

    assert headers["Authorization"] == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,"
        "SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


async def test_it_is_sent_the_approved_text_with_its_sign_and_parameters() -> None:
    async with provider(answers(YES)) as served:
        delivery = await aliyun(served.url).deliver(NOTICE)

    seen = served.seen[0]
    assert (delivery.state, delivery.provider_id, delivery.segments) == ("sent", YES["BizId"], 1)
    assert delivery.cost is not None
    assert delivery.cost.amount == Decimal("0.045")
    assert seen.headers["x-acs-action"] == "SendSms"
    assert seen.headers["x-acs-date"] == "2026-06-01T01:30:00Z"
    assert seen.headers["authorization"].startswith("ACS3-HMAC-SHA256 Credential=key-1,")
    assert seen.query["PhoneNumbers"] == "13800138000"
    assert (seen.query["SignName"], seen.query["TemplateCode"]) == ("香年", "SMS_1")
    assert json.loads(seen.query["TemplateParam"]) == {"name": "张伟", "unit": "3-1-1202"}
    assert seen.body == b""


async def test_what_is_signed_is_what_arrives() -> None:
    odd = NOTICE.model_copy(
        update={"approved": ProviderTemplate(sign="香 年", code="SMS_1", params={"n": "a&b=c+d ~*'()/?#%\n𠮷"})}
    )
    async with provider(answers(YES)) as served:
        await aliyun(served.url).deliver(odd)

    seen = served.seen[0]
    signed = {name: seen.headers[name] for name in seen.headers if name.startswith("x-acs-") and "sha256" not in name}
    again = authorised(
        "POST", seen.headers["host"], canonical_query(seen.query), seen.body, headers=signed, key_id="key-1",
        key_secret=SecretStr("key-secret"),
    )  # fmt: skip
    assert again["Authorization"] == seen.headers["authorization"]


async def test_a_retry_is_a_second_message_under_the_same_out_id_and_another_nonce() -> None:
    async with provider(answers(YES)) as served:
        channel = aliyun(served.url)
        for _ in range(2):
            await channel.deliver(NOTICE)

    first, second = served.seen
    assert not channel.takes_keys
    assert first.query["OutId"] == second.query["OutId"]
    assert len(first.query["OutId"]) == 64
    assert first.headers["x-acs-signature-nonce"] != second.headers["x-acs-signature-nonce"]


@pytest.mark.parametrize(
    ("code", "status", "kind", "error"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", 200, PermanentFailure, "bad-recipient"),
        ("isv.SMS_TEMPLATE_ILLEGAL", 200, PermanentFailure, "template-refused"),
        ("isv.BLACK_KEY_CONTROL_LIMIT", 200, PermanentFailure, "content-refused"),
        ("isv.SOMETHING_NEW", 200, PermanentFailure, "refused"),
        ("isv.BUSINESS_LIMIT_CONTROL", 200, TemporaryFailure, "too-many"),
        ("isv.AMOUNT_NOT_ENOUGH", 200, TemporaryFailure, "account"),
        ("Throttling.User", 400, TemporaryFailure, "too-many"),
        ("SignatureDoesNotMatch", 400, TemporaryFailure, "login-refused"),
        ("ServiceUnavailable", 503, TemporaryFailure, "provider-down"),
        ("isp.SYSTEM_ERROR", 200, UnknownOutcome, "provider-failed"),
        ("isp.SOMETHING_NEW", 200, UnknownOutcome, "provider-failed"),
        ("InternalError", 500, UnknownOutcome, "provider-failed"),
        ("InvalidAction.NotFound", 404, TemporaryFailure, "no-such-address"),
        ("MissingPhoneNumbers", 400, PermanentFailure, "http-400"),
    ],
)
async def test_a_code_says_what_became_of_the_message(
    code: str, status: int, kind: type[ChannelFailure], error: str
) -> None:
    found = await failure(no(code), status=status)

    assert (type(found), found.error) == (kind, error)


async def test_a_limit_names_its_pause_when_the_provider_does() -> None:
    found = await failure(no("Throttling.User"), status=429, Retry_After="45")

    assert isinstance(found, TemporaryFailure)
    assert found.retry_after == timedelta(seconds=45)


async def test_a_yes_without_a_receipt_id_is_in_doubt() -> None:
    found = await failure({"Code": "OK"})

    assert isinstance(found, UnknownOutcome)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"approved": None}, "template-not-approved"),
        ({"to": "zw@example.com"}, "out-of-reach"),
        ({"to": ""}, "out-of-reach"),
        ({"approved": ProviderTemplate(code="SMS_1", params={"a": "字" * 1001})}, "template-params"),
    ],
)
async def test_what_cannot_be_sent_is_not_sent(change: dict[str, Any], error: str) -> None:
    async with provider(answers(YES)) as served:
        with pytest.raises(PermanentFailure, match=error):
            await aliyun(served.url).deliver(NOTICE.model_copy(update=change))

    assert served.seen == []


async def test_a_number_of_another_country_keeps_its_code() -> None:
    async with provider(answers(YES)) as served:
        await aliyun(served.url).deliver(NOTICE.model_copy(update={"to": "+85261234567"}))

    assert served.seen[0].query["PhoneNumbers"] == "85261234567"
