"""Gates of a handover batch: what the last word on each is, whether the batch is ready, and who waits for it (C1)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from journey.domain.calendar import WorkCalendar, add
from journey.domain.events import Event
from journey.domain.numbers.batch import BatchNumbers
from journey.domain.reasons import Reason
from journey.domain.record import Batch, GateWord
from journey.domain.values import Gate

PASSED: Final = "passed"
FAILED: Final = "failed"
OVERRIDDEN: Final = "overridden"
STATES: Final = {"gate.passed": PASSED, "gate.failed": FAILED, "gate.overridden": OVERRIDDEN}
BEFORE_OPENING: Final = frozenset(
    {
        Gate.SITE_QUALITY, Gate.SERVICE_HANDBOOK, Gate.SITE_COMFORT, Gate.DISCLOSURE, Gate.PROMOTION, Gate.SHOW_AREA,
        Gate.DISPLAY,
    }
)  # fmt: skip
FILED: Final = "completion-filed"  # as a milestone it is the gate of that name


def gate_of(event: Event) -> str | None:
    """The gate that an event has a word on; the milestone «completion filed» passes the gate of that name."""
    if event.type in STATES:
        return str(event.data.get("gate"))
    return FILED if event.type == "milestone.reached" and event.data.get("milestone") == FILED else None


def gates_of(events: Iterable[Event], buildings: Sequence[str]) -> dict[str, GateWord]:
    """The last word on each gate of a batch: failed as soon as it fails for one building, passed once for all.

    `events` are those that concern the batch, in order; one with a building speaks for that building alone.
    """
    words: dict[str, dict[str, GateWord]] = {}
    everywhere = list(buildings) or [""]
    for event in events:
        gate = gate_of(event)
        if gate is None or gate in BEFORE_OPENING:
            continue
        by = event.data.get("by")
        word = GateWord(STATES.get(event.type, PASSED), event.occurred_at, event.id, str(by) if by else None)
        here = (event.scope or {}).get("building")
        words.setdefault(gate, {}).update(dict.fromkeys([here] if here else everywhere, word))
    told = {gate: _together(spoken, everywhere) for gate, spoken in words.items()}
    return {gate: word for gate, word in told.items() if word is not None}


def _together(spoken: Mapping[str, GateWord], everywhere: Sequence[str]) -> GateWord | None:
    failed = [word for word in spoken.values() if word.state == FAILED]
    if failed or set(everywhere) <= set(spoken):
        return max(failed or spoken.values(), key=lambda word: word.at)
    return None


@dataclass(frozen=True, slots=True)
class Round:
    """A gate is asked for once, and again after each failure that follows a pass; `passed` ends the asking."""

    failed: GateWord | None = None
    passed: GateWord | None = None


def rounds_of(words: Iterable[GateWord]) -> list[Round]:
    """The rounds of a gate from its words in order; the last one is open while it did not pass."""
    rounds = [Round()]
    for word in words:
        last = rounds[-1]
        if word.state == FAILED and last.passed is not None:
            rounds.append(Round(word))
        elif word.state != FAILED and last.passed is None:
            rounds[-1] = Round(last.failed, word)
    return rounds


def words_of(gate: str, events: Sequence[Event], buildings: Sequence[str]) -> list[GateWord]:
    """How a gate stood for a whole batch after each event that concerns it."""
    about = [event for event in events if gate_of(event) == gate]
    stood = [gates_of(about[: place + 1], buildings).get(gate) for place in range(len(about))]
    return [word for word in stood if word is not None]


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether a batch may be handed over; `by` is the word that says so, `missing` and `failed` what stands against it.

    `told`: somebody has spoken of a gate of this batch.
    """

    ready: bool
    by: GateWord | None = None
    missing: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()
    told: bool = False


def readiness(batch: Batch, n: BatchNumbers, calendar: WorkCalendar) -> Readiness:
    """The gate «ready to hand over»: told as such, or passed with the last of the conditions that the pack names.

    A condition that fails after the word on the whole shuts it again.
    """
    gates, whole = batch.gates, batch.gates.get(Gate.READY)
    failed = tuple(sorted(gate for gate, word in gates.items() if word.state == FAILED))
    wanted = [*n.conditions, *([Gate.RESERVE.value] if reserve_missing(batch, n, calendar) else [])]
    missing = tuple(gate for gate in wanted if gate not in gates)
    told = bool(gates)
    if whole is not None and whole.state != FAILED:
        shut = tuple(gate for gate in failed if gates[gate].at > whole.at)
        return Readiness(not shut, whole, failed=shut, told=told)
    if failed or missing:
        return Readiness(False, None, missing, failed, told)
    return Readiness(True, max((gates[gate] for gate in wanted), key=lambda word: word.at), told=told)


def reserve_missing(batch: Batch, n: BatchNumbers, calendar: WorkCalendar) -> int:
    """How many days there are too few between completion acceptance and handover (A006); 0 while either is unknown.

    The handover is the first day of the window, or the contract date while no window is planned.
    """
    day = batch.handover_from or batch.contract_handover
    if batch.completion is None or day is None:
        return 0
    earliest = add(batch.completion.on, n.reserve, calendar)
    return max((earliest - day.on).days, 0)


def awaited(batch: Batch, n: BatchNumbers | None, calendar: WorkCalendar) -> Reason | None:
    """Why the notices of a batch's homes wait, or None when they may go.

    A home whose batch has no day of its own waits for nobody: its notices hang on its contract. Where the pack does not
    require the gate, only one that failed holds them.
    """
    if n is None:
        return None
    found = readiness(batch, n, calendar)
    if found.ready or not (found.failed or (n.gate_required and batch.handover_from is not None)):
        return None
    return Reason("waits-for-gate", {"gates": list(found.failed or found.missing)})
