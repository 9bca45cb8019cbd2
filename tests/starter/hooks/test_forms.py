"""What providers say, read into our own receipts."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from journey.domain.errors import InvalidInput
from journey.domain.values import Failure, ReceiptState
from starter.hooks.forms import MOST, read_aliyun, read_standard, read_twilio

NOW = datetime(2026, 6, 1, 2, tzinfo=UTC)


def own(*told: Any) -> list[Any]:
    return read_standard(json.dumps(told[0] if len(told) == 1 else list(told)).encode(), "carrier", NOW)


def test_our_own_form_is_one_receipt_or_a_list() -> None:
    (one,) = own({"provider_id": "m1", "state": "delivered", "at": "2026-06-01T10:00:03+08:00"})
    many = own({"key": "a/b/c/d", "state": "read"}, {"message": "msg_1", "state": "sent", "provider": "carrier"})

    assert (one.provider, one.provider_id, one.state) == ("carrier", "m1", ReceiptState.DELIVERED)
    assert one.at == datetime(2026, 6, 1, 2, 0, 3, tzinfo=UTC)
    assert [(each.provider, each.key, each.named, each.at) for each in many] == [
        ("carrier", "a/b/c/d", None, NOW),
        ("carrier", None, "msg_1", NOW),
    ]


@pytest.mark.parametrize(
    ("told", "failure"),
    [
        ({"error": "empty-number"}, Failure.PERMANENT),
        ({"error": "switched-off"}, Failure.LATER),
        ({"error": "E77"}, Failure.REFUSED),
        ({}, Failure.REFUSED),
        ({"error": "E77", "failure": "permanent"}, Failure.PERMANENT),
    ],
)
def test_a_code_that_nobody_knows_says_nothing_of_the_address(told: dict[str, str], failure: Failure) -> None:
    (read,) = own({"provider_id": "m1", "state": "failed", **told})

    assert read.failure is failure


@pytest.mark.parametrize(
    ("told", "field", "rule"),
    [
        ({"state": "delivered"}, "provider_id", "required"),
        ({"provider_id": "m1", "state": "read", "provider": "other"}, "provider", "unknown-value"),
        ({"provider_id": "m1"}, "state", "required"),
        ({"provider_id": "m1", "state": "lost"}, "state", "unknown-value"),
        ({"provider_id": 7, "state": "read"}, "provider_id", "not-text"),
        ({"provider_id": "x" * 201, "state": "read"}, "provider_id", "too-long"),
        ({"provider_id": "m1", "state": "read", "at": "gestern"}, "at", "not-an-instant"),
        ({"provider_id": "m1", "state": ["read"]}, "state", "unknown-value"),
        ([7, {"provider_id": "m1", "state": "lost"}], "0", "not-an-object"),
        ([{"state": "read"}], "0/provider_id", "required"),
        ("text", "", "not-a-list"),
        ([{}] * (MOST + 1), "", "too-long"),
    ],
)
def test_a_body_that_cannot_be_read_names_the_place(told: Any, field: str, rule: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        own(told)

    assert (field, rule) in [(error.field, error.rule) for error in refused.value.errors]


def test_rows_at_fault_are_kept_aside_without_words_and_hold_up_no_other() -> None:
    read = own(
        {"provider_id": "m1", "state": "read"},
        {"provider_id": "m2", "state": "lost", "from": "13800138000", "text": "secret"},
        7,
    )

    assert [(one.provider_id, one.state, one.fault) for one in read] == [
        ("m1", ReceiptState.READ, None),
        ("m2", ReceiptState.UNKNOWN, "1/state:unknown-value"),
        (None, ReceiptState.UNKNOWN, "2:not-an-object"),
    ]
    assert [(one.address, one.text) for one in read[1:]] == [(None, None)] * 2


def test_unknown_is_an_answer_too_and_served_says_no_more_than_arrived() -> None:
    read = own({"provider_id": "m1", "state": "unknown"}, {"provider_id": "m2", "state": "served"})

    assert [(one.state, one.fault) for one in read] == [(ReceiptState.UNKNOWN, None), (ReceiptState.DELIVERED, None)]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[NaN]"])
def test_bytes_that_are_no_json_are_refused(body: bytes) -> None:
    for read in (read_standard, read_aliyun):
        with pytest.raises(InvalidInput):
            read(body, "carrier", NOW)


def test_aliyuns_report_names_its_own_id_and_ours_on_the_clock_of_china() -> None:
    report = [
        {"phone_number": "13800138000", "send_time": "2026-06-01 10:00:00", "report_time": "2026-06-01 10:00:03",
         "success": True, "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "932^0",
         "out_id": "msg_1"},
        {"phone_number": "13800138000", "report_time": "?", "success": False, "err_code": "MOBILE_NOT_ON_SERVICE",
         "biz_id": "933^0"},
    ]  # fmt: skip

    arrived, failed = read_aliyun(json.dumps(report).encode(), "aliyun", NOW)

    assert (arrived.state, arrived.provider_id, arrived.named) == (ReceiptState.DELIVERED, "932^0", "msg_1")
    assert arrived.at == datetime(2026, 6, 1, 2, 0, 3, tzinfo=UTC)
    assert (arrived.address, arrived.code) == (None, None)
    assert (failed.state, failed.failure, failed.at) == (ReceiptState.FAILED, Failure.PERMANENT, NOW)


@pytest.mark.parametrize("when", ["?", "", "0001-01-01 00:00:00", None])
def test_an_instant_that_no_clock_of_china_shows_is_ours(when: str | None) -> None:
    (read,) = read_aliyun(json.dumps({"report_time": when, "success": True, "biz_id": "9^0"}).encode(), "aliyun", NOW)

    assert read.at == NOW


def test_an_answer_by_aliyun_names_who_wrote() -> None:
    up = [{"phone_number": "13800138000", "send_time": "2026-06-01 11:12:13", "content": "打错了", "sign_name": "香年",
           "dest_code": "1234", "sequence_id": 1234567890}]  # fmt: skip

    (answer,) = read_aliyun(json.dumps(up).encode(), "aliyun", NOW)

    assert (answer.state, answer.text, answer.address) == (ReceiptState.REPLIED, "打错了", "13800138000")
    assert "打错了" not in repr(answer)
    assert "13800138000" not in repr(answer)


@pytest.mark.parametrize(
    ("status", "code", "state", "failure"),
    [
        ("delivered", None, ReceiptState.DELIVERED, None),
        ("read", None, ReceiptState.READ, None),
        ("undelivered", "30003", ReceiptState.FAILED, Failure.LATER),
        ("undelivered", "30005", ReceiptState.FAILED, Failure.PERMANENT),
        ("undelivered", "30006", ReceiptState.FAILED, Failure.REFUSED),
        ("failed", "30007", ReceiptState.FAILED, Failure.REFUSED),
    ],
)
def test_twilios_callback_is_a_receipt(status: str, code: str | None, state: ReceiptState, failure: Any) -> None:
    form = {"MessageSid": "SM1", "MessageStatus": status, "To": "+8613800138000"} | (
        {"ErrorCode": code} if code else {}
    )

    (read,) = read_twilio(urlencode(form).encode(), "twilio", NOW)

    assert (read.provider_id, read.state, read.code, read.failure) == ("SM1", state, code, failure)


@pytest.mark.parametrize(
    ("status", "more", "state", "code", "failure"),
    [
        ("completed", {"CallDuration": "21"}, ReceiptState.DELIVERED, None, None),
        ("in-progress", {}, ReceiptState.SENT, None, None),
        ("busy", {}, ReceiptState.FAILED, "busy", Failure.LATER),
        ("no-answer", {}, ReceiptState.FAILED, "no-answer", Failure.LATER),
        ("canceled", {}, ReceiptState.FAILED, "canceled", Failure.REFUSED),
        ("failed", {}, ReceiptState.FAILED, "failed", Failure.REFUSED),
        ("failed", {"SipResponseCode": "604"}, ReceiptState.FAILED, "sip-604", Failure.PERMANENT),
        ("failed", {"SipResponseCode": "503"}, ReceiptState.FAILED, "sip-503", Failure.REFUSED),
        ("failed", {"ErrorCode": "21211"}, ReceiptState.FAILED, "21211", Failure.PERMANENT),
        ("busy", {"SipResponseCode": "486"}, ReceiptState.FAILED, "busy", Failure.LATER),
    ],
)
def test_a_call_that_ended_is_a_receipt(
    status: str, more: dict[str, str], state: ReceiptState, code: str | None, failure: Any
) -> None:
    form = {"CallSid": "CA1", "CallStatus": status, "Direction": "outbound-api", "To": "+8613800138000"} | more

    (read,) = read_twilio(urlencode(form).encode(), "twilio", NOW)

    assert (read.provider_id, read.channel, read.state, read.code, read.failure) == (
        "CA1", "voice", state, code, failure,
    )  # fmt: skip
    assert read.address == ("+8613800138000" if state is ReceiptState.FAILED else None)


@pytest.mark.parametrize(
    ("status", "way"), [("ringing", "outbound-api"), ("queued", "outbound-api"), ("completed", "inbound")]
)
def test_a_call_that_rings_and_one_that_somebody_makes_to_us_tell_nothing(status: str, way: str) -> None:
    form = {"CallSid": "CA1", "CallStatus": status, "Direction": way}

    assert read_twilio(urlencode(form).encode(), "twilio", NOW) == []


def test_states_on_the_way_tell_nothing_and_an_incoming_message_is_an_answer() -> None:
    queued = urlencode({"MessageSid": "SM1", "MessageStatus": "queued"}).encode()
    incoming = urlencode(
        {"MessageSid": "SM9", "SmsStatus": "received", "From": "whatsapp:+8613800138000", "Body": "STOP"}
    ).encode()

    assert read_twilio(queued, "twilio", NOW) == []
    (answer,) = read_twilio(incoming, "twilio", NOW)
    assert (answer.provider_id, answer.address, answer.channel, answer.text) == (
        None,
        "+8613800138000",
        "whatsapp",
        "STOP",
    )
    with pytest.raises(InvalidInput):
        read_twilio(b"\xff", "twilio", NOW)
