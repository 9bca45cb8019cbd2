"""The words that people and systems have for a channel, and what each of them means."""

from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator

from journey.domain.event_types.fields import FOLDED, Code, refuse

PHONE = "phone"
EMAIL = "email"
POST_CHANNEL = "post"  # 通讯地址: where letters go
# The ways of reaching somebody, each with what its address is kept as. A number alone means texts and calls alike.
WAYS: Final[Mapping[str, str]] = {
    PHONE: PHONE,
    "sms": PHONE,
    "voice": PHONE,
    "wechat": "wechat",
    EMAIL: EMAIL,
    "inbox": "inbox",
    POST_CHANNEL: POST_CHANNEL,
}
# What else they are called.
WORDS: Final[Mapping[str, str]] = (
    dict.fromkeys(("mobile", "tel", "telephone", "电话", "手机", "手机号", "电话号码"), PHONE)
    | dict.fromkeys(("text", "短信"), "sms")
    | dict.fromkeys(("call", "来电", "打电话", "语音", "语音电话"), "voice")
    | dict.fromkeys(("weixin", "微信"), "wechat")
    | dict.fromkeys(("e-mail", "mail", "邮件", "邮箱", "电子邮件", "电子邮箱"), EMAIL)
    | {"站内信": "inbox", "通讯地址": POST_CHANNEL}
)


def way_of(channel: str) -> str:
    """The way of reaching somebody that a word means: a channel that is sent by, or `phone` for all of a number's.

    A word that nobody knows stays as it is.
    """
    word = channel.strip().lower()
    return WORDS.get(word, word)


def way_said(channel: str, *, given: bool) -> str:
    """The way that a consent or its withdrawal is about, in whatever words it was kept; '' is any.

    A withdrawal for a word that nobody knows (as the door once took it) is about every way.
    """
    way = way_of(channel)
    return way if given or way in WAYS else ""


def address_of(channel: str) -> str:
    """What an address of a channel is kept as: texts and calls go to one number."""
    way = way_of(channel)
    return WAYS.get(way, way)


def covering(way: str) -> tuple[str, ...]:
    """The words that cover a way of reaching somebody, the narrowest first: itself, all of its number's, any ('')."""
    return tuple(dict.fromkeys((way, address_of(way), "")))


def _known(word: str) -> str:
    way = way_of(word)
    if way not in WAYS:
        raise refuse("unknown-value", allowed=", ".join(WAYS))
    return way


Channel = Annotated[Code, FOLDED, AfterValidator(_known)]  # told in any of these words, kept as the way that it means
AnyChannel = Annotated[Code, FOLDED, AfterValidator(way_of)]  # the same where a word that nobody knows does no harm
