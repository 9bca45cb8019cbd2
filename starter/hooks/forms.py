"""The forms in which providers tell of messages, each read into our own receipts: pure functions of a body."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError, from_json

from journey.domain.errors import FieldError, InvalidInput, field_error
from journey.domain.event_types.fields import read_instant
from journey.domain.failures import failure_of
from journey.domain.json_checks import MAX_TEXT
from journey.domain.receipts import Receipt
from journey.domain.values import Failure, ReceiptState

MOST: Final = 1000  # receipts in one call
CHINA: Final = ZoneInfo("Asia/Shanghai")  # the clock of Aliyun's reports
TOLD: Final = (
    ReceiptState.SENT, ReceiptState.DELIVERED, ReceiptState.READ, ReceiptState.FAILED, ReceiptState.REPLIED,
    ReceiptState.SERVED, ReceiptState.UNKNOWN,
)  # fmt: skip
_LENGTHS: Final = {
    "provider": 40,
    "provider_id": 200,
    "key": 360,
    "message": 40,
    "error": 80,
    "channel": 20,
    "from": 320,
}
ALIYUN_CODES: Final = {
    "MOBILE_NOT_ON_SERVICE": Failure.PERMANENT, "INVALID_NUMBER": Failure.PERMANENT,
    "MOBILE_IN_BLACK": Failure.PERMANENT, "MOBILE_ACCOUNT_ABNORMAL": Failure.PERMANENT,
    "MOBILE_TERMINAL_ERROR": Failure.LATER, "UNKNOWN": Failure.LATER,
}  # fmt: skip
TWILIO_CODES: Final = {
    "30003": Failure.LATER,  # the handset cannot be reached
    "30005": Failure.PERMANENT,  # nobody has the number
    "30006": Failure.REFUSED,  # a landline, or a carrier that takes none: it can be called all the same
    "21211": Failure.PERMANENT,  # no number at all
    "21610": Failure.PERMANENT,  # he barred us with STOP
}
TWILIO_STATES: Final = {
    "sent": ReceiptState.SENT, "delivered": ReceiptState.DELIVERED, "read": ReceiptState.READ,
    "undelivered": ReceiptState.FAILED, "failed": ReceiptState.FAILED,
}  # fmt: skip

CALL_STATES: Final = {
    "in-progress": ReceiptState.SENT, "completed": ReceiptState.DELIVERED, "busy": ReceiptState.FAILED,
    "no-answer": ReceiptState.FAILED, "canceled": ReceiptState.FAILED, "failed": ReceiptState.FAILED,
}  # fmt: skip
CALL_CODES: Final = {
    **TWILIO_CODES, "busy": Failure.LATER, "no-answer": Failure.LATER,
    "sip-410": Failure.PERMANENT, "sip-604": Failure.PERMANENT,  # gone, and nowhere
}  # fmt: skip


class Unreadable(InvalidInput):
    """The body is not in the form of its source."""


def read_standard(body: bytes, provider: str, now: datetime) -> list[Receipt]:
    """Our own form: `{provider_id | key | message, state, at, error?, failure?, from?, text? …}`, one or a list.

    Rows at fault are kept aside, so that they hold up no other; Unreadable where there is no other.
    """
    read: list[Receipt] = []
    aside: list[Receipt] = []
    errors: list[FieldError] = []
    for place, one in _listed(body):
        try:
            read.append(_own(one, place, provider, now))
        except Unreadable as unreadable:
            errors += unreadable.errors
            aside.append(_aside(one, unreadable, provider, now))
    if aside and not read:
        raise Unreadable(tuple(errors))
    return [*read, *aside]


def read_aliyun(body: bytes, provider: str, now: datetime) -> list[Receipt]:
    """Aliyun's SmsReport and SmsUp 上行, told apart by what they hold; `out_id` is our id, which it hands back."""
    rows = [(place, one) for place, one in _listed(body)]
    if wrong := [_no_object(place) for place, one in rows if not isinstance(one, Mapping)]:
        raise Unreadable(tuple(wrong))
    return [_aliyun_reply(one, provider, now) if "content" in one else _aliyun(one, provider, now) for _, one in rows]


def read_twilio(body: bytes, provider: str, now: datetime) -> list[Receipt]:
    """Twilio's status callbacks of messages and calls, and an incoming message; states on the way tell nothing."""
    try:
        form = {name: values[0] for name, values in parse_qs(body.decode(), strict_parsing=True).items()}
    except ValueError:
        raise Unreadable((field_error("", "invalid"),)) from None
    if "CallSid" in form:
        return _twilio_call(form, provider, now)
    ident = _cut(form.get("MessageSid") or form.get("SmsSid"), 200)
    told = (form.get("MessageStatus") or form.get("SmsStatus") or "").lower()
    if told == "received":
        text = _cut(form.get("Body"), MAX_TEXT)
        return [
            Receipt(ReceiptState.REPLIED, now, provider, channel=_twilio_channel(form.get("From")),
                    address=_plain(form.get("From")), text=text)
        ]  # fmt: skip
    state = TWILIO_STATES.get(told)
    if state is None or ident is None:
        return []
    code = _cut(form.get("ErrorCode"), 80)
    return [
        Receipt(state, now, provider, provider_id=ident, code=code, failure=failure_of(state, code, TWILIO_CODES),
                address=_plain(form.get("To")) if state is ReceiptState.FAILED else None)
    ]  # fmt: skip


def _twilio_call(form: Mapping[str, str], provider: str, now: datetime) -> list[Receipt]:
    """How a call of ours ended: `completed` is one that was answered; one that somebody made to us is none."""
    told, ident = form.get("CallStatus", "").lower(), _cut(form.get("CallSid"), 200)
    state = CALL_STATES.get(told)
    if state is None or ident is None or form.get("Direction") == "inbound":
        return []
    if state is not ReceiptState.FAILED:
        return [Receipt(state, now, provider, provider_id=ident, channel="voice")]
    sip = form.get("SipResponseCode") if told == "failed" else None
    code = _cut(form.get("ErrorCode") or (f"sip-{sip}" if sip else told), 80)
    return [
        Receipt(state, now, provider, provider_id=ident, channel="voice", code=code,
                failure=failure_of(state, code, CALL_CODES), address=_plain(form.get("To")))
    ]  # fmt: skip


def _own(told: Any, place: str, provider: str, now: datetime) -> Receipt:
    if not isinstance(told, Mapping):
        raise Unreadable((_no_object(place),))
    errors: list[FieldError] = []
    texts = {name: _text(told, name, limit, place, errors) for name, limit in _LENGTHS.items()}
    texts["text"] = _text(told, "text", MAX_TEXT, place, errors)
    state = _one_of(told, "state", TOLD, place, errors)
    failure = _one_of(told, "failure", tuple(Failure), place, errors) if told.get("failure") is not None else None
    at = now
    if told.get("at") is not None:
        try:
            at = read_instant(told["at"])
        except PydanticCustomError as error:
            errors.append(field_error(f"{place}at", error.type))
    if texts["provider"] not in (None, provider):  # a source speaks of the messages of its own provider
        errors.append(field_error(f"{place}provider", "unknown-value", allowed=provider))
    if not any(texts[name] for name in ("provider_id", "key", "message", "from")):
        errors.append(field_error(f"{place}provider_id", "required"))
    if errors or state is None:
        raise Unreadable(tuple(errors))
    code = texts["error"]
    # Service is proved elsewhere: a carrier who says so says that it arrived.
    said = ReceiptState.DELIVERED if state == ReceiptState.SERVED else ReceiptState(state)
    return Receipt(
        said, at, provider, provider_id=texts["provider_id"], key=texts["key"],
        named=texts["message"], code=code, channel=texts["channel"], address=texts["from"], text=texts["text"],
        failure=Failure(failure) if failure else failure_of(said, code),
    )  # fmt: skip


def _aside(told: Any, unreadable: Unreadable, provider: str, now: datetime) -> Receipt:
    """What is kept of a row at fault: whose message it may have been, and what was wrong; no words, no address."""
    named = told if isinstance(told, Mapping) else {}
    first = unreadable.errors[0]
    return Receipt(
        ReceiptState.UNKNOWN, now, provider, provider_id=_cut(named.get("provider_id"), 200),
        key=_cut(named.get("key"), 360), named=_cut(named.get("message"), 40),
        fault=f"{first.field or 'body'}:{first.rule}"[:80],
    )  # fmt: skip


def _no_object(place: str) -> FieldError:
    return field_error(place.rstrip("/"), "not-an-object")


def _aliyun(told: Mapping[str, Any], provider: str, now: datetime) -> Receipt:
    arrived = told.get("success") in (True, "true")
    state = ReceiptState.DELIVERED if arrived else ReceiptState.FAILED
    code = None if arrived else _cut(told.get("err_code"), 80)
    return Receipt(
        state, _chinese_clock(told.get("report_time"), now), provider, provider_id=_cut(told.get("biz_id"), 200),
        named=_cut(told.get("out_id"), 40), code=code, failure=failure_of(state, code, ALIYUN_CODES),
        address=None if arrived else _cut(told.get("phone_number"), 320),
    )  # fmt: skip


def _aliyun_reply(told: Mapping[str, Any], provider: str, now: datetime) -> Receipt:
    return Receipt(
        ReceiptState.REPLIED, _chinese_clock(told.get("send_time"), now), provider, channel="sms",
        address=_cut(told.get("phone_number"), 320), text=_cut(told.get("content"), MAX_TEXT),
    )  # fmt: skip


def _listed(body: bytes) -> list[tuple[str, Any]]:
    """What a body holds, one or a list, each with the place that errors name."""
    try:
        told = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise Unreadable((field_error("", "not-json"),)) from None
    if isinstance(told, Mapping):
        return [("", told)]
    if not isinstance(told, Sequence) or isinstance(told, str):
        raise Unreadable((field_error("", "not-a-list"),))
    if len(told) > MOST:
        raise Unreadable((field_error("", "too-long", limit=MOST),))
    return [(f"{at}/", one) for at, one in enumerate(told)]


def _text(told: Mapping[str, Any], name: str, limit: int, place: str, errors: list[FieldError]) -> str | None:
    value = told.get(name)
    if value is None or value == "":
        return None
    rule = "not-text" if not isinstance(value, str) else "too-long" if len(value) > limit else None
    if rule is None and "\x00" in value:
        rule = "bad-text"
    if rule is not None:
        errors.append(field_error(f"{place}{name}", rule, limit=limit))
        return None
    return str(value)


def _one_of(
    told: Mapping[str, Any], name: str, allowed: Sequence[str], place: str, errors: list[FieldError]
) -> str | None:
    value = told.get(name)
    if value in allowed:
        return str(value)
    errors.append(
        field_error(f"{place}{name}", "required" if value is None else "unknown-value", allowed=", ".join(allowed))
    )
    return None


def _chinese_clock(told: Any, now: datetime) -> datetime:
    """An instant as `2026-06-01 08:00:03` of China; ours where it cannot be read."""
    try:
        return datetime.fromisoformat(str(told)).replace(tzinfo=CHINA).astimezone(UTC)
    except (ValueError, OverflowError):
        return now


def _cut(told: Any, limit: int) -> str | None:
    """A text of somebody else's form, no longer than we keep; None for nothing."""
    text = str(told).replace("\x00", "")[:limit] if isinstance(told, str | int) and not isinstance(told, bool) else ""
    return text or None


def _plain(told: str | None) -> str | None:
    """`whatsapp:+86138…` without what it goes by."""
    return _cut((told or "").rpartition(":")[2], 320)


def _twilio_channel(told: str | None) -> str:
    return told.partition(":")[0] if told and ":" in told else "sms"
