"""What a WeChat official account 公众号 pushes: how a template or subscription message ended, and what people write.

Messages in plain text or in the compatible mode 明文或兼容模式; https://developers.weixin.qq.com/doc/offiaccount/
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from journey.domain.errors import field_error
from journey.domain.json_checks import MAX_TEXT
from journey.domain.receipts import Receipt
from journey.domain.values import Failure, ReceiptState
from starter.hooks.forms import Unreadable
from starter.hooks.xml import BadXml, read_xml

CHANNEL: Final = "wechat"
FINISHED: Final = "TEMPLATESENDJOBFINISH"
SUBSCRIBED: Final = "subscribe_msg_sent_event"
STATUS: Final = {
    "failed:user block": Failure.PERMANENT,  # he barred the account
    "failed: system failed": Failure.LATER,
    "failed:system failed": Failure.LATER,
}
# Codes of a subscription message that did not arrive; any other is a refusal, which says nothing of the address: so is
# 43101, he did not subscribe to this kind of message 用户未订阅.
CODES: Final = {"20001": Failure.LATER, "20002": Failure.LATER, "20003": Failure.LATER}


def read_wechat(body: bytes, provider: str, now: datetime) -> Sequence[Receipt]:
    """The end of a message, or the words of a follower; whatever else an account hears of tells nothing."""
    try:
        told = read_xml(body)
    except BadXml:
        raise Unreadable((field_error("", "invalid"),)) from None
    if "Encrypt" in told and "MsgType" not in told:
        raise Unreadable((field_error("Encrypt", "encrypted"),))
    at = _instant(told.get("CreateTime"), now)
    if told.get("MsgType") == "text":
        return [
            Receipt(ReceiptState.REPLIED, at, provider, channel=CHANNEL, address=_cut(told.get("FromUserName"), 320),
                    text=_cut(told.get("Content"), MAX_TEXT))
        ]  # fmt: skip
    if told.get("MsgType") != "event" or not (ident := _cut(told.get("MsgID") or told.get("MsgId"), 200)):
        return []
    ended = _ended(told)
    if ended is None:
        return []
    state, code, failure = ended
    return [Receipt(state, at, provider, provider_id=ident, code=code, failure=failure, channel=CHANNEL)]


def _ended(told: Mapping[str, str]) -> tuple[ReceiptState, str | None, Failure | None] | None:
    """State, code and what it means, of an event that says how a message ended."""
    if told.get("Event") == FINISHED:
        status = told.get("Status", "").strip().lower()
        arrived, code, failure = status == "success", status.replace(" ", "-")[:80], STATUS.get(status)
    elif told.get("Event") == SUBSCRIBED:
        code = told.get("ErrorCode", "").strip()[:80]
        arrived, failure = code == "0", CODES.get(code)
    else:
        return None
    if arrived:
        return ReceiptState.DELIVERED, None, None
    return ReceiptState.FAILED, code or None, failure or Failure.REFUSED


def _instant(seconds: str | None, now: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return now


def _cut(told: str | None, limit: int) -> str | None:
    return (told or "").replace("\x00", "")[:limit] or None
