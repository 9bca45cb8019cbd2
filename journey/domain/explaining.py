"""Why an item is as it is, told from what is on record: rule, dates, waits, decisions, and what would change it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from journey.domain import care, sendings
from journey.domain.clocks import local
from journey.domain.entries import RUNNING, WENT_OUT, State
from journey.domain.event_types import EVENT_TYPES
from journey.domain.events import Event
from journey.domain.explanations import explained
from journey.domain.reasons import spoken, wording
from journey.domain.record import Hold
from journey.domain.rule_descriptions import described
from journey.domain.rules import Rule
from journey.domain.telling import CHANNELS, title
from journey.domain.values import ROLES, HoldHow, TaskOutcome, label

Params = dict[str, Any]
ENDS_A_SUPPRESSION = {
    "no-consent": "give-consent", "muted": "release-hold", "bereavement": "bereavement-ends", "cap": "next-month",
    "no-address": "new-contact", "invalid-address": "new-contact", "no-recipient": "new-contact",
    "no-channel-left": "new-contact",
    **dict.fromkeys(care.CODES, "by-itself"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence: a code with its parameters; `text` is there when it was put into words before."""

    code: str
    params: Params = field(default_factory=dict)
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Numbers:
    """The pack version and calendar that an item was computed with, and the numbers its rule reads."""

    pack: str
    version: str
    effective: str
    hash: str
    country: str
    calendar_hash: str
    values: Mapping[str, str]
    pinned: str | None = None  # the day that the rule pins its version to


@dataclass(frozen=True, slots=True)
class Known:
    """Everything on record about one item. `state` is `planned` or its entry's."""

    key: str
    item: Mapping[str, Any]
    state: str
    zone: str
    now: datetime
    rule: Rule | None
    lang: str
    numbers: Numbers | None = None
    at: datetime | None = None
    reason: Mapping[str, Any] | None = None
    until: datetime | None = None
    fact: str | None = None
    task: str | None = None
    claimed_by: str | None = None
    attempts: int = 0
    next_attempt: datetime | None = None
    events: Mapping[str, Event] = field(default_factory=dict)
    decisions: Sequence[Event] = ()  # operators' events about it
    results: Sequence[Event] = ()
    holds: Sequence[Hold] = ()
    sends: Sequence[Mapping[str, Any]] = ()  # channel, state, at, reason
    looked: Sequence[Mapping[str, Any]] = ()  # records of the decisions on its sends, in order
    waits: Sequence[Mapping[str, Any]] = ()  # code, at, reason: lines of the timeline that put it off

    def when(self, instant: datetime | str | None) -> str:
        """An instant as people read it, on the clocks of the project."""
        if instant is None:
            return "?"
        moment = datetime.fromisoformat(instant) if isinstance(instant, str) else instant
        return local(moment, self.zone).strftime("%Y-%m-%d %H:%M")

    def why(self, reason: Mapping[str, Any] | None) -> str:
        """A stored reason in words."""
        return wording(reason["code"], reason.get("params") or {}, self.lang, self.zone) if reason else "—"

    def event(self, event_id: str | None) -> Event | None:
        """A fact of the journey."""
        return self.events.get(event_id or "")

    def named(self, event: Event) -> str:
        """The name of an event's type."""
        known = EVENT_TYPES.get(event.type)
        return known.label(self.lang) if known else event.type


def why_it_exists(it: Known) -> Iterator[Line]:
    """The rule, what asked for it, the fact it stands on, the numbers and the calendar."""
    rule_id = str(it.item.get("rule", it.key.split("/", 1)[0]))
    if it.rule is None:
        yield Line("rule-unknown", {"rule": rule_id})
    else:
        yield Line("asked-by", {"title": title(rule_id, it.lang), "rule": rule_id})
        yield Line("rule-says", {"summary": described(it.rule.id, it.rule.summary, it.lang)})
        yield Line("requirement", {"ids": " ".join(it.rule.asks)}) if it.rule.asks else Line("own-rule")
    if "~" in it.key:
        yield Line("asked-again", {"event": it.key.split("~", 1)[1]})
    yield from _fact_behind(it)
    if it.numbers is not None:
        yield from _numbers(it.numbers)


def _fact_behind(it: Known) -> Iterator[Line]:
    anchor = it.item.get("anchor") or {}
    event = it.event(anchor.get("event"))
    if event is not None:
        yield Line("stands-on", {"event": it.named(event), "on": anchor.get("on"), "id": event.id})
    elif anchor.get("on"):
        yield Line("stands-on-shared", {"on": anchor["on"]})
    if anchor and anchor.get("moved_by") != anchor.get("event"):
        yield Line("fact-corrected", {"by": anchor.get("moved_by")})


def _numbers(used: Numbers) -> Iterator[Line]:
    version = {"pack": used.pack, "version": used.version, "effective": used.effective, "hash": used.hash[:12]}
    yield Line("numbers-of", version)
    if used.pinned:
        yield Line("numbers-pinned", {"day": used.pinned})
    for path, value in used.values.items():
        yield Line("number", {"path": path, "value": value})
    yield Line("calendar", {"country": used.country, "hash": used.calendar_hash[:12]})


def when_it_is(it: Known) -> Iterator[Line]:
    """Its due and how it got there, the rungs after it, and since when it stands as it does."""
    item = it.item
    yield Line("due", {"due": it.when(item.get("due"))})
    if item.get("original_due"):
        yield Line("plain-date", {"original": it.when(item["original_due"])})
    because = item.get("because") or ()
    for reason in because:
        yield Line(reason["code"], dict(reason.get("params") or {}))
    if not because and not item.get("original_due"):
        yield Line("no-shift")
    if item.get("legal_due"):
        yield Line("legal-end", {"legal": it.when(item["legal_due"])})
    yield from _rungs_ahead(it)
    if it.at is not None:
        yield Line("stands-since", {"at": it.when(it.at), "state": spoken(it.state, it.lang)})
    if it.reason is not None:
        yield Line("now-because", {"why": it.why(it.reason), "code": it.reason["code"]})


def _rungs_ahead(it: Known) -> Iterator[Line]:
    """What the plan has for it from here on."""
    item = it.item
    if it.state == "planned" and item.get("opens") and item["opens"] != item.get("due"):
        yield Line("opens", {"opens": it.when(item["opens"])})
    if it.state in ("planned", State.OPEN) and item.get("warn"):
        yield Line("warns", {"warn": it.when(item["warn"])})
    goes_up = it.state in ("planned", State.OPEN, State.WARNED, State.OVERDUE)
    if goes_up and item.get("escalate") and item.get("escalates_to"):
        to = label(ROLES[item["escalates_to"]], it.lang) if item["escalates_to"] in ROLES else item["escalates_to"]
        yield Line("escalates", {"escalate": it.when(item["escalate"]), "to": to})
    if it.state == "planned" and item.get("expires"):
        yield Line("closes", {"expires": it.when(item["expires"])})


def what_it_waited_for(it: Known) -> Iterator[Line]:
    """Its opening, quiet hours and other putting-off, holds, refusals at send time, attempts that reached nobody."""
    lines = [*_waits(it), *_holds(it)]
    yield from lines or [Line("waited-for-nothing")]


def _waits(it: Known) -> Iterator[Line]:
    opens = it.item.get("opens")
    if it.state == "planned" and opens and datetime.fromisoformat(opens) > it.now:
        yield Line("waits-to-open", {"opens": it.when(opens)})
    for wait in it.waits:
        code = "not-sent" if wait["code"] == "entry.suppressed" else "was-held"
        yield Line(code, {"at": it.when(wait["at"]), "why": it.why(wait["reason"])})
    if it.until is not None and it.until > it.now:
        yield Line("waits-until", {"until": it.when(it.until)})
    if it.next_attempt is not None and it.state in RUNNING:
        yield Line("next-attempt", {"attempts": it.attempts, "next": it.when(it.next_attempt)})


def _holds(it: Known) -> Iterator[Line]:
    for hold in it.holds:
        released = (
            Line("not-released") if hold.released_at is None else Line("released", {"at": it.when(hold.released_at)})
        )
        how = label(HoldHow(hold.how), it.lang) if hold.how in ("mute", "pause") else hold.how
        params = {"placed": it.when(hold.placed_at), "how": how, "scope": hold.scope}
        yield Line("was-on-hold", params | {"released": explained(released.code, released.params, it.lang, it.zone)})


def who_decided(it: Known) -> Iterator[Line]:
    """The post, operators, whoever reported a result, the send itself, a fact; or nobody but the rule."""
    lines = [*_operators(it), *_reports(it), *_sends(it), *_fact_that_met(it)]
    role = it.item.get("role")
    if role:
        yield Line("post", {"role": label(ROLES[role], it.lang) if role in ROLES else role})
    if it.claimed_by:
        yield Line("claimed", {"by": it.claimed_by})
    yield from lines or [Line("by-rule")]


def _operators(it: Known) -> Iterator[Line]:
    for event in it.decisions:
        by, why = event.data.get("by") or "?", event.data.get("reason") or "—"
        yield Line("operator", {"at": it.when(event.occurred_at), "by": by, "action": it.named(event), "why": why})


def _reports(it: Known) -> Iterator[Line]:
    for event in it.results:
        told = event.data.get("outcome")
        if event.type != "task.result" or told not in {each.value for each in TaskOutcome}:
            told = "done" if event.data.get("reached", True) else "not-reached"
        by = event.data.get("by") or event.source
        outcome = label(TaskOutcome(told), it.lang)
        yield Line("reported", {"at": it.when(event.occurred_at), "outcome": outcome, "by": by})


def _sends(it: Known) -> Iterator[Line]:
    for send in it.sends:
        words = CHANNELS.get(send["channel"])
        channel = words[it.lang != "zh"] if words else send["channel"]
        yield Line("sent-by", {"channel": channel, "state": spoken(send["state"], it.lang), "at": it.when(send["at"])})


def _fact_that_met(it: Known) -> Iterator[Line]:
    event = it.event(it.fact)
    if event is not None and it.reason is not None and it.reason["code"] == "met-by-fact":
        yield Line("by-fact", {"event": it.named(event), "on": event.on(it.zone).isoformat(), "id": event.id})


def what_was_looked_at(it: Known) -> Iterator[Line]:
    """Why it was sent or not: what each decision on it looked at, the latest last."""
    found = [record for record in it.looked if record]
    for record in found:
        for text in sendings.worded(record, it.lang):
            yield Line("looked-at", {"at": record.get("at"), "outcome": record.get("outcome")}, text)
    if not found:
        yield Line("never-decided")


def what_would_change_it(it: Known) -> Iterator[Line]:
    """By state and reason: what would make it go, move, come back or be done again."""
    code = it.reason["code"] if it.reason else ""
    if it.state == "planned" or it.state == State.HELD:
        yield from _before_it_begins(it)
    elif it.state in RUNNING:
        yield Line("report-a-result", {"task": it.task or "?"})
        yield Line("tell-the-fact")
        yield from _may_be_moved(it)
    elif it.state in WENT_OUT or it.state == State.DONE:
        yield Line("stays-sent") if it.sends else Line("correct-the-fact", {"event": it.fact or _anchor(it)})
        yield Line("redo")
    elif it.state == State.SUPPRESSED:
        consent = (it.reason or {}).get("params") or {}
        yield Line(ENDS_A_SUPPRESSION.get(code, "redo"), {"purpose": consent.get("purpose", "?")})
    elif it.state == State.SKIPPED and code == "skipped-by-operator":
        yield Line("undo", {"event": it.fact or "?"})
    elif it.state == State.MERGED:
        yield Line("see-carrier", {"into": ((it.reason or {}).get("params") or {}).get("into", "?")})
    elif it.state == State.MISSED and code == "before-go-live":
        yield Line("history")
    else:
        yield Line({State.UNKNOWN: "decide", State.WITHDRAWN: "wanted-again", State.RESERVED: "wait-for-send"}
                   .get(State(it.state), "redo"))  # fmt: skip


def _before_it_begins(it: Known) -> Iterator[Line]:
    if it.until is not None and it.until > it.now:
        yield Line("by-itself")
    anchor = _anchor(it)
    yield Line("correct-the-fact", {"event": anchor}) if it.event(anchor) else Line("change-the-date")
    if it.numbers is not None:
        yield Line("change-the-number")
    yield from _may_be_moved(it)


def _may_be_moved(it: Known) -> Iterator[Line]:
    yield Line("reschedule")
    yield Line("statutory-skip") if it.item.get("statutory") else Line("skip")


def _anchor(it: Known) -> str:
    return str((it.item.get("anchor") or {}).get("event", "?"))


def worded(line: Line, lang: str, zone: str | None = None) -> dict[str, Any]:
    """A line as people are shown it, on the clocks of the project."""
    text = line.text if line.text is not None else explained(line.code, line.params, lang, zone)
    return {"code": line.code, "params": line.params, "text": text}


PARTS = {
    "why": why_it_exists, "when": when_it_is, "waited": what_it_waited_for, "who": who_decided,
    "looked": what_was_looked_at, "change": what_would_change_it,
}  # fmt: skip
