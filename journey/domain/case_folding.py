"""Folds what was told of repairs and complaints into cases: by `case.*` events, by results of their tasks, by calls."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

from journey.domain.case_facts import NO_CASES, STEP_OF, TOLD_AS, Case, Cases, Pause, Round
from journey.domain.case_names import OPENINGS, CaseNames
from journey.domain.case_values import CaseKind, CaseStep, ComplaintSeverity, Severity
from journey.domain.entries import Entry
from journey.domain.events import Event
from journey.domain.items import Anchor
from journey.domain.numbers.cases import CaseNumbers
from journey.domain.packs import Pack, is_above
from journey.domain.reasons import Reason
from journey.domain.results import RESULTS, Result, read_result
from journey.domain.values import ROLES

AnchorOf = Callable[[Event], Anchor]
_STEPS: Final = {**{step.value: step for step in CaseStep}, "accept": CaseStep.CLOSE}
_NEWS: Final = frozenset({"update", *(each.value for each in CaseStep)} - {CaseStep.INFORM.value, CaseStep.TEAM.value})


def fold_cases(
    events: Sequence[Event],
    *,
    anchor: AnchorOf,
    entries: Mapping[str, Entry],
    pack: Pack,
    opening_of: Callable[[date], datetime],
) -> Cases:
    """The cases of a journey as its events, in order, leave them. `opening_of` is when the office opens on a day."""
    if not any(event.type in OPENINGS for event in events):
        return NO_CASES
    fold = _Fold(CaseNames(events), anchor, pack, opening_of, _tasks(entries))
    for event in events:
        fold.take(event)
    return Cases(fold.cases, fold.refused)


def _tasks(entries: Mapping[str, Entry]) -> dict[str, str]:
    """The keys of the items of cases, by their task."""
    return {entry.task: key for key, entry in entries.items() if entry.task and _kind_of(key) is not None}


def _kind_of(name: str) -> CaseKind | None:
    section = name.split(".", 1)[0]
    return next((kind for kind in OPENINGS.values() if kind.value == section), None)


@dataclass(slots=True)
class _Fold:
    names: CaseNames
    anchor: AnchorOf
    pack: Pack
    opening_of: Callable[[date], datetime]
    tasks: Mapping[str, str]
    cases: dict[str, Case] = field(default_factory=dict)
    refused: dict[str, Reason] = field(default_factory=dict)
    heads: dict[str, Case] = field(default_factory=dict)  # by the name of a round, or the event of a hand-over or news

    def take(self, event: Event) -> None:
        """One event, after all that happened before it."""
        if event.type in OPENINGS:
            self._open(event)
        elif event.type in RESULTS:
            self._result(event)
        elif event.type == "ownership.transferred":
            self._transfer(self.anchor(event))
        elif event.type.startswith(("case.", "contractor.")):
            case = self.cases.get(self.names.of(event) or "")
            if case is not None:
                self.heads[event.id] = case
                self._step(case, event)

    def _open(self, event: Event) -> None:
        began = self.anchor(event)
        about = self.cases.get(self.names.of(event) or "")
        if about is not None:
            about.asked.append(began)
            about.linked.append(event.id)
            about.history.append(("case.escalated", event.id))
        data = event.data
        component = data.get("component")
        self.cases[event.id] = self.heads[event.id] = Case(
            id=event.id, alias=event.source_id, kind=OPENINGS[event.type], severity=_class_of(event),
            category=str(data.get("category")), component=str(component) if component else None, person=event.person,
            rounds=[Round(began, event.id)], news=began,
        )  # fmt: skip

    def _step(self, case: Case, event: Event) -> None:
        anchor, current = self.anchor(event), case.current
        case.history.append((event.type, event.id))
        step = STEP_OF.get(event.type)
        if step is not None:
            self._mark(case, step, anchor)
        elif event.type == "case.reopened":
            self._reopen(case, anchor, event.id)
        elif event.type == "case.disputed":
            current.disputed = current.disputed or anchor
        elif event.type == "case.reassigned":
            self._reassign(case, event, anchor)
        elif event.type == "case.booked":
            slot = event.read_instant("slot")
            current.booked = (anchor, slot) if slot is not None else None
            case.news = anchor
        elif event.type == "case.escalated":
            case.asked.append(anchor)
        elif event.type == "case.paused":
            self._pause(case, event)
        elif event.type == "case.resumed":
            _run_again(case, event.occurred_at)
        elif event.type == "contractor.notified":
            current.notified = current.notified or anchor

    def _mark(self, case: Case, step: CaseStep, anchor: Anchor) -> None:
        case.current.steps.setdefault(step, anchor)
        if step.value in _NEWS:
            case.news = anchor
        if step is CaseStep.CLOSE:
            _run_again(case, anchor.at)

    def _reopen(self, case: Case, anchor: Anchor, name: str) -> None:
        _run_again(case, anchor.at)
        case.rounds.append(Round(anchor, name))
        case.news = anchor
        self.heads[name] = case

    def _reassign(self, case: Case, event: Event, anchor: Anchor) -> None:
        case.reassigned.append(anchor)
        case.current.handed.append(anchor)
        case.post = ROLES.get(str(event.data.get("to")), case.post)

    def _transfer(self, went: Anchor) -> None:
        """What is not put right goes with the home; what was said of service stays with whoever said it."""
        for case in self.cases.values():
            put_right = CaseStep.FIX in case.current.steps and case.current.disputed is None
            if case.kind is CaseKind.REPAIR and case.closed is None and not put_right:
                case.transferred = went

    # -- pauses

    def _pause(self, case: Case, event: Event) -> None:
        limit = self._numbers(case).pause_limit.as_timedelta() if self._has_numbers(case) else timedelta()
        begin = event.occurred_at
        left = limit - sum((pause.end - pause.begin for pause in case.pauses), timedelta())
        until = event.read_date("until")
        end = self.opening_of(until) if until is not None else begin + left
        refused = self._no_pause(case, event, end - begin, left)
        if refused is not None:
            self.refused[event.id] = refused
        elif end > begin:
            _run_again(case, begin)  # one that goes on begins anew
            case.pauses.append(Pause(begin, end))

    def _no_pause(self, case: Case, event: Event, wanted: timedelta, left: timedelta) -> Reason | None:
        if case.severity == Severity.EMERGENCY.value:
            return Reason("pause-emergency")
        by, approved_by = str(event.data.get("by")), str(event.data.get("approved_by"))
        below, above = ROLES.get(by), ROLES.get(approved_by)
        if below is not None and above is not None and not is_above(above, below, self.pack.posts):
            return Reason("pause-not-approved", {"by": by})
        if wanted > left or left <= timedelta():
            limit = str(self._numbers(case).pause_limit) if self._has_numbers(case) else "0d"
            return Reason("pause-too-long", {"limit": limit, "left": max(0, int(left.total_seconds() // 3600))})
        return None

    def _has_numbers(self, case: Case) -> bool:
        return getattr(self.pack, case.kind.value) is not None

    def _numbers(self, case: Case) -> CaseNumbers:
        numbers: CaseNumbers = getattr(self.pack, case.kind.value)
        return numbers

    # -- what people report of their tasks, and calls

    def _result(self, event: Event) -> None:
        result = read_result(event)
        rule, occurrence = self._named(result)
        case = self.heads.get(occurrence or "") if rule else self.cases.get(self.names.of(event) or "")
        if case is None or result.outcome != "done":
            return
        self.heads[event.id] = case
        anchor, name = self.anchor(event), rule.split(".", 1)[1] if rule else ""
        if name == "callback" or (not rule and event.type != "task.result"):
            self._called(case, event, anchor, alone=self.names.of(event) is not None)
        elif name in _STEPS and occurrence in _heads_of(case.current):
            self._mark(case, _STEPS[name], anchor)
            _say(case, _STEPS[name], event)
        elif name in _NEWS:
            case.news = anchor

    def _named(self, result: Result) -> tuple[str, str | None]:
        """Rule and occurrence of the item that a result is about, if it is one of a case."""
        if result.task is not None:
            key = self.tasks.get(result.task, "")
            rule, occurrence = (key.split("/")[0], key.split("/")[-1]) if key else ("", None)
        else:
            rule, occurrence = result.rule or "", result.occurrence
        return (rule, occurrence.split("~")[0] if occurrence else None) if _kind_of(rule) else ("", None)

    def _called(self, case: Case, event: Event, anchor: Anchor, *, alone: bool) -> None:
        """The owner was spoken to: satisfied on the phone accepts the repair, not satisfied reopens it (A411)."""
        case.news = anchor
        for each in [case] if alone else self._sharing(case, anchor.at):
            current = each.current
            if current.finished is None:
                continue
            current.called = current.called or anchor
            current.led = current.led or each is case
            if event.data.get("satisfied") is False:
                self._reopen(each, anchor, event.id if each is case else f"{event.id}-{each.id}")
                each.history.append(("case.reopened", event.id))
            elif event.data.get("satisfied") is True:
                self._mark(each, CaseStep.CLOSE, anchor)
                _say(each, CaseStep.CLOSE, event)

    def _sharing(self, head: Case, at: datetime) -> Sequence[Case]:
        """The cases whose one callback this was."""
        return [case for case in self.cases.values() if case is head or shares(case, head, self._shared(head), at)]

    def _shared(self, case: Case) -> timedelta:
        return self._numbers(case).callback.within.as_timedelta() if self._has_numbers(case) else timedelta()


def shares(case: Case, head: Case, within: timedelta, before: datetime | None = None) -> bool:
    """Whether a case was finished so soon after another of its kind that one call asks about both (`domain.md` I)."""
    mine, first = case.current.finished, head.current.finished
    if case.kind is not head.kind or mine is None or first is None:
        return False
    return first.at <= mine.at <= first.at + within and (before is None or mine.at <= before)


def _class_of(event: Event) -> str:
    """The class that the report was given; what old doors let through without one is general."""
    told = str(event.data.get("severity"))
    classes: type[Severity | ComplaintSeverity] = Severity if event.type == "defect.reported" else ComplaintSeverity
    return told if told in {each.value for each in classes} else Severity.GENERAL.value


def _heads_of(current: Round) -> set[str]:
    """The occurrences of the items of a round."""
    return {current.name, *(handed.event for handed in current.handed)}


def _say(case: Case, step: CaseStep, event: Event) -> None:
    """Keep a step that a result told as the fact of the case that it is; some steps have none."""
    if step in TOLD_AS:
        case.history.append((TOLD_AS[step], event.id))


def _run_again(case: Case, at: datetime) -> None:
    """The clocks run again; a pause that had not begun by then never does."""
    for pause in case.pauses:
        pause.end = max(pause.begin, min(pause.end, at))
