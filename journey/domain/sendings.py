"""The record of a decision on a send 发送判定记录: what was looked at, small enough to keep with every message.

It holds codes, ids, instants and numbers, never a name or an address. What found nothing is left out.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time
from typing import Any, Final

from journey.domain.clocks import local
from journey.domain.consent import NEEDS_CONSENT, SendRequest
from journey.domain.entries import State
from journey.domain.reasons import spoken, wording
from journey.domain.routing import Route, channel_name, passed_over
from journey.domain.values import HoldHow, MessageClass, label

Record = dict[str, Any]
HASH = 12  # so much of a pack's hash names it


def looked_at(request: SendRequest, way: Route, consent: Any, holds: Sequence[Any], preferred: str | None) -> Record:
    """What a decision looks at, before it is made. `consent` is the word that holds, with the id of its evidence."""
    found: Record = {
        "at": request.now.isoformat(),
        "class": request.message_class.value,
        "zone": request.zone,
        "hours": [[_clock(opens), _clock(closes)] for opens, closes in request.open_hours],
        "order": [[one.channel, *(part for part in (one.why, one.detail) if part)] for one in way.considered],
        "channel": way.channel,
    }
    if request.message_class in NEEDS_CONSENT:
        found["consent"] = _consent(request, consent)
        found["cap"] = [request.sent_this_month, request.cap]
    flags = {"statutory": request.statutory, "bereaved": request.bereaved, "no_call": request.no_call}
    more = {
        "preferred": preferred,
        "stopped": request.stopped,
        "holds": [[hold.event_id, hold.how, hold.scope] for hold in holds],
        "expires": request.expires.isoformat() if request.expires else None,
        **flags,
    }
    return found | {name: value for name, value in more.items() if value}


def _consent(request: SendRequest, row: Any) -> Record:
    purpose = request.message_class.value
    if row is None:
        return {"purpose": purpose, "given": False}
    since = row.since.isoformat()
    return {
        "purpose": purpose, "channel": row.channel, "given": bool(row.given), "event": row.event_id, "since": since
    }  # fmt: skip


def _clock(moment: time) -> str:
    return f"{moment:%H:%M}"


# -- in words ----------------------------------------------------------------------------------------------------------

WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "go": ("{at} 判定:可以发出({purpose},政策包 {pack})", "{at} decided: it may go ({purpose}, pack {pack})"),
    "decided": ("{at} 判定:{outcome}({purpose},政策包 {pack})", "{at} decided: {outcome} ({purpose}, pack {pack})"),
    "because": ("原因:{why}", "because: {why}"),
    "consent-given": (
        "已获「{purpose}」授权,凭证 {event}(自 {since})",
        "{purpose} was agreed to, evidence {event} (since {since})",
    ),
    "consent-withdrawn": (
        "「{purpose}」未获授权,依据 {event}(自 {since})",
        "{purpose} is not agreed to, by {event} (since {since})",
    ),
    "consent-never": ("从未授权「{purpose}」", "{purpose} was never agreed to"),
    "consent-needless": ("此类消息依合同或职责发送,无需授权", "sent for the contract or by duty: no consent is needed"),
    "any-hour": ("紧急消息,不受时段限制", "an emergency goes at any hour"),
    "hours": ("可发时段 {hours}({zone},当地 {here})", "hours {hours} ({zone}, {here} there)"),
    "cap": ("本月已发 {sent} 条,上限 {cap}", "{sent} sent this month, at most {cap}"),
    "preferred": ("本人偏好 {channel}", "the owner prefers {channel}"),
    "by": ("选用 {channel}", "by {channel}"),
    "passed-over": ("未用 {channel}:{why}", "not by {channel}: {why}"),
    "hold": ("暂缓({how},{scope}),事件 {event}", "on hold ({how}, {scope}), event {event}"),
    "stopped": ("关怀停发:{why}", "care is stopped: {why}"),
    "bereaved": ("丧亲期间", "in bereavement"),
    "statutory": ("法定事项,不受静默与暂缓限制", "a statutory matter: no mute or pause keeps it back"),
    "no-call": ("除夕至初三不致电", "no calls from 除夕 to 初三"),
    "expires": ("{at} 之后不再发送", "not after {at}"),
}  # fmt: skip


def worded(record: Mapping[str, Any], lang: str = "zh") -> list[str]:
    """The record as sentences: the decision first, then what it stood on; one of another build says what it can."""
    return [_say(name, lang, **params) for name, params in _lines(record, lang)]


def _lines(record: Mapping[str, Any], lang: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    zone = str(record.get("zone", "UTC"))
    outcome = str(record.get("outcome", "?"))
    purpose = label(MessageClass(record["class"]), lang) if record.get("class") in set(MessageClass) else "?"
    decided = {"at": _when(record.get("at"), zone), "outcome": spoken(outcome, lang), "purpose": purpose}
    # That it was to go is all that was decided: how it ended is for the provider to say.
    yield "go" if outcome == State.SENT.value else "decided", decided | {"pack": record.get("pack", "?")}
    if record.get("reason"):
        reason = record["reason"]
        yield "because", {"why": wording(str(reason.get("code")), reason.get("params") or {}, lang, zone)}
    yield from _permission(record, purpose, zone)
    yield from _time(record, zone)
    yield from _channels(record, lang)
    yield from _kept_back(record, lang)


def _permission(record: Mapping[str, Any], purpose: str, zone: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    consent = record.get("consent")
    if consent is None:
        yield "consent-needless", {}
    elif not consent.get("event"):
        yield "consent-never", {"purpose": purpose}
    else:
        said = {"purpose": purpose, "event": consent["event"], "since": _when(consent.get("since"), zone)}
        yield ("consent-given" if consent.get("given") else "consent-withdrawn"), said
    if record.get("cap"):
        yield "cap", {"sent": record["cap"][0], "cap": record["cap"][1]}


def _time(record: Mapping[str, Any], zone: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if record.get("class") == MessageClass.EMERGENCY.value:
        yield "any-hour", {}
    elif record.get("hours"):
        hours = " ".join(f"{opens}–{closes}" for opens, closes in record["hours"])
        yield "hours", {"hours": hours, "zone": zone, "here": _when(record.get("at"), zone)[-5:]}
    if record.get("expires"):
        yield "expires", {"at": _when(record["expires"], zone)}


def _channels(record: Mapping[str, Any], lang: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if record.get("preferred"):
        yield "preferred", {"channel": channel_name(record["preferred"], lang)}
    for channel, *why in record.get("order", ()):
        if not why:
            yield "by", {"channel": channel_name(channel, lang)}
            continue
        text = passed_over(why[0], why[1] if len(why) > 1 else None, lang)
        yield "passed-over", {"channel": channel_name(channel, lang), "why": text}


def _kept_back(record: Mapping[str, Any], lang: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for event, how, scope in record.get("holds", ()):
        named = label(HoldHow(how), lang) if how in set(HoldHow) else how
        yield "hold", {"event": event, "how": named, "scope": scope}
    if record.get("stopped"):
        yield "stopped", {"why": wording(str(record["stopped"]), {}, lang)}
    for name, line in (("bereaved", "bereaved"), ("statutory", "statutory"), ("no_call", "no-call")):
        if record.get(name):
            yield line, {}


def _say(name: str, lang: str, **params: Any) -> str:
    return WORDS[name][lang != "zh"].format(**params)


def _when(instant: Any, zone: str) -> str:
    if not isinstance(instant, str):
        return "?"
    return local(datetime.fromisoformat(instant), zone).strftime("%Y-%m-%d %H:%M")
