"""The words by which every marketing message says how to get no more of them (C8: 消保法 29, 短信规定)."""

from typing import Final

from journey.domain.values import Language, MessageClass

_WORDS: Final[dict[str, tuple[str, str]]] = {
    "sms": ("拒收请回复R", "Reply R to opt out"),
    "wechat": ("回复“退订”不再接收", "Reply STOP to receive no more"),
    "email": ("如不愿再收到此类邮件,请回复“退订”。", "To receive no more of these e-mails, reply STOP."),
    "voice": ("如不愿再接到此类来电,请告知您的管家。", "To receive no more of these calls, please tell your keeper."),
    "inbox": (
        "如不愿再收到此类消息,请告知您的管家。",
        "To receive no more of these, please tell your keeper.",
    ),
}
_APART: Final = frozenset({"email", "inbox"})  # stand as a paragraph of their own


def opt_out(channel: str, language: str) -> str:
    """The words of a channel; those of a text message where it has none of its own."""
    zh, en = _WORDS.get(channel, _WORDS["sms"])
    return en if language == Language.EN else zh


def with_opt_out(text: str, *, message_class: str, channel: str, language: str, already: str | None = None) -> str:
    """A marketing text with the words at its end, once; any other text as it is.

    `already` are the words of its pack: a text that has them says it once.
    """
    if message_class != MessageClass.MARKETING:
        return text
    words = opt_out(channel, language)
    if text.rstrip().endswith(words) or (already and already in text):
        return text
    between = "\n\n" if channel in _APART else " "
    return f"{text.rstrip()}{between}{words}"
