"""By which channel a message goes: the class's order, the person's own choice first, why others were passed over (C8).

A channel that cannot carry it gives way to the next one. Where a call may have gone out already only its own channel is
left: another one could make two contacts of one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

NO_ADDRESS, UNVERIFIED, INVALID = "no-address", "unverified-address", "invalid-address"
NO_CONSENT = "no-consent"
NO_PROVIDER = "no-provider"
NO_HOURS = "no-hours"
REFUSED = "refused"
NOT_APPROVED = "template-not-approved"
PROVIDER_STOPPED, TEMPLATE_STOPPED = "provider-stopped", "template-stopped"
STOPPED = frozenset({PROVIDER_STOPPED, TEMPLATE_STOPPED})
# What speaks for a message that no channel can carry, first to last: what passes by itself, what a person must mend.
_SPEAKS = (
    PROVIDER_STOPPED, TEMPLATE_STOPPED, NOT_APPROVED, REFUSED, NO_PROVIDER, NO_HOURS, NO_CONSENT, UNVERIFIED, INVALID,
    NO_ADDRESS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Considered:
    """A channel that was looked at; `why` it was passed over is None for the one that was taken."""

    channel: str
    why: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of each channel: addresses (with whether they hold), and what keeps the message off it, by channel.

    An `unverified` address is one that follows an invalid one, where such are verified before they are used.
    `refused` are definite refusals of this very message, `stopped` the codes of open breakers, `withheld` who has not
    approved the text that would go there. `carried` None means that every channel has a provider.
    """

    addresses: Mapping[str, tuple[str, bool]]
    unverified: frozenset[str] = frozenset()
    unconsented: frozenset[str] = frozenset()
    carried: frozenset[str] | None = None
    closed_hours: frozenset[str] = frozenset()
    refused: Mapping[str, str] = field(default_factory=dict)
    stopped: Mapping[str, str] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Route:
    """The way of a message; `lost` says why it has none: then `channel` is the one that speaks for the others."""

    channel: str
    address: str | None
    considered: tuple[Considered, ...]
    lost: str | None = None


def order_for(order: Sequence[str], preferred: str | None) -> tuple[str, ...]:
    """The class's order with the person's choice first; a channel that the class does not use stays out."""
    if preferred is None or preferred not in order:
        return tuple(order)
    return (preferred, *(channel for channel in order if channel != preferred))


def route(order: Iterable[str], known: Known) -> Route:
    """The first channel that can carry it."""
    considered: list[Considered] = []
    for channel in order:
        looked = _look(channel, known)
        considered.append(looked)
        if looked.why is None:
            return Route(channel, known.addresses[channel][0], tuple(considered))
    for code in _SPEAKS:
        for one in considered:
            if one.why == code:
                address = known.addresses.get(one.channel)
                return Route(one.channel, address[0] if address else None, tuple(considered), lost=code)
    raise ValueError("a class has a channel")


def _look(channel: str, known: Known) -> Considered:
    found = known.addresses.get(channel)
    if found is None:
        return Considered(channel, NO_ADDRESS)
    if not found[1]:
        return Considered(channel, INVALID)
    if channel in known.unverified:
        return Considered(channel, UNVERIFIED)
    if channel in known.unconsented:
        return Considered(channel, NO_CONSENT)
    if known.carried is not None and channel not in known.carried:
        return Considered(channel, NO_PROVIDER)
    if channel in known.closed_hours:
        return Considered(channel, NO_HOURS)
    if channel in known.refused:
        return Considered(channel, REFUSED, known.refused[channel])
    if channel in known.withheld:
        return Considered(channel, NOT_APPROVED, known.withheld[channel])
    return Considered(channel, known.stopped.get(channel))


# -- in words ----------------------------------------------------------------------------------------------------------

CHANNELS: Final[Mapping[str, tuple[str, str]]] = {
    "phone": ("电话", "phone"),
    "sms": ("短信", "SMS"),
    "email": ("邮件", "e-mail"),
    "wechat": ("微信", "WeChat"),
    "voice": ("语音电话", "voice call"),
    "inbox": ("站内信", "inbox"),
}
_PASSED: Final[Mapping[str, tuple[str, str]]] = {
    NO_ADDRESS: ("没有地址", "no address"),
    UNVERIFIED: ("新地址尚未核实", "the new address is not verified yet"),
    INVALID: ("地址无效", "the address is invalid"),
    NO_CONSENT: ("此渠道未获授权", "not agreed to on it"),
    NO_PROVIDER: ("没有服务商", "nobody carries it"),
    NO_HOURS: ("此类消息无可用时段", "never open for this class"),
    NOT_APPROVED: ("文本尚未获批({detail})", "the text is not approved ({detail})"),
    REFUSED: ("服务商已拒绝({detail})", "its provider refused ({detail})"),
    PROVIDER_STOPPED: ("服务商熔断", "its provider is stopped"),
    TEMPLATE_STOPPED: ("模板熔断", "the template is stopped"),
}


def channel_name(channel: str, lang: str) -> str:
    """What people call a channel; one that nobody knows reads as itself."""
    words = CHANNELS.get(channel)
    return words[lang != "zh"] if words else channel


def passed_over(why: str, detail: str | None, lang: str) -> str:
    """Why a channel was passed over, in words."""
    words = _PASSED.get(why)
    return words[lang != "zh"].format(detail=detail or "?") if words else why


def all_passed_over(considered: Iterable[Sequence[str]], lang: str) -> str:
    """Channels as a decision keeps them (name, why, detail), each with why it was passed over, in one line."""
    said = [(each[0], each[1], each[2] if len(each) > 2 else None) for each in considered if len(each) > 1]
    colon, comma = (":", "、") if lang == "zh" else (": ", ", ")
    return comma.join(channel_name(one, lang) + colon + passed_over(why, detail, lang) for one, why, detail in said)
