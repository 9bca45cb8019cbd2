"""Repairs and complaints, folded from what was told about them: rounds, steps, pauses, who asked for more."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from journey.domain.case_values import CaseKind, CaseStep
from journey.domain.items import Anchor
from journey.domain.reasons import Reason
from journey.domain.values import Role

STEP_OF: Final[Mapping[str, CaseStep]] = {
    "case.acknowledged": CaseStep.ACKNOWLEDGE,
    "case.replied": CaseStep.REPLY,
    "case.on_site": CaseStep.ON_SITE,
    "case.contained": CaseStep.CONTAIN,
    "case.planned": CaseStep.PLAN,
    "case.text_approved": CaseStep.TEXT,
    "case.fixed": CaseStep.FIX,
    "case.accepted": CaseStep.CLOSE,
}
# What a step is told as: the same in words of the case, whatever told it here.
TOLD_AS: Final[Mapping[CaseStep, str]] = {step: kind for kind, step in STEP_OF.items()}
# A later step says that the earlier ones are behind us: paper comes late, and not everything is written down.
_AT_THE_END: Final = frozenset({CaseStep.FIX, CaseStep.CLOSE})
_IMPLIED_BY: Final[Mapping[CaseStep, frozenset[CaseStep]]] = {
    CaseStep.ACKNOWLEDGE: frozenset(CaseStep) - {CaseStep.ACKNOWLEDGE},
    CaseStep.INFORM: _AT_THE_END | {CaseStep.TEAM, CaseStep.PLAN, CaseStep.TEXT},
    CaseStep.REPLY: _AT_THE_END | {CaseStep.PLAN, CaseStep.TEXT},
    CaseStep.ON_SITE: _AT_THE_END | {CaseStep.CONTAIN},
    CaseStep.CONTAIN: _AT_THE_END,
    CaseStep.TEAM: _AT_THE_END | {CaseStep.TEXT},
    CaseStep.PLAN: _AT_THE_END,
    CaseStep.TEXT: _AT_THE_END,
    CaseStep.FIX: frozenset({CaseStep.CLOSE}),
    CaseStep.CLOSE: frozenset(),
}


@dataclass(slots=True)
class Round:
    """From a report, or what reopened the case, to the owner's acceptance.

    `began` is the fact; `name` is the occurrence of its items, the fact's id unless another case has that one.
    """

    began: Anchor
    name: str
    steps: dict[CaseStep, Anchor] = field(default_factory=dict)
    handed: list[Anchor] = field(default_factory=list)  # reassignments: whoever gets it acknowledges anew
    notified: Anchor | None = None  # when the contractor was told
    booked: tuple[Anchor, datetime] | None = None
    disputed: Anchor | None = None
    called: Anchor | None = None  # the callback that reached the owner
    led: bool = False  # that callback stood under this round, perhaps for others beside it

    def named(self, head: Anchor) -> str:
        """The occurrence of what is asked for after a fact: what began the round, a hand-over or news."""
        return self.name if head == self.began else head.event

    def met(self, step: CaseStep) -> Anchor | None:
        """When a step was behind us: done itself, or a later one was."""
        found = [self.steps[each] for each in (step, *_IMPLIED_BY[step]) if each in self.steps]
        return min(found, key=lambda anchor: anchor.at, default=None)

    @property
    def closed(self) -> Anchor | None:
        """The acceptance: by the owner, by a counter-signature, or on the phone."""
        return self.steps.get(CaseStep.CLOSE)

    @property
    def finished(self) -> Anchor | None:
        """What the callback counts from: the acceptance, before there is one the repair."""
        return self.closed or self.steps.get(CaseStep.FIX)


@dataclass(slots=True)
class Pause:
    """A time in which the clocks stand still; `end` is when they run again at the latest."""

    begin: datetime
    end: datetime


@dataclass(slots=True)
class Case:
    """One repair or complaint; `id` is our id of the report that opened it, `alias` its teller's name for it.

    Written by the fold only.
    """

    id: str
    alias: str
    kind: CaseKind
    severity: str
    category: str
    component: str | None
    person: str | None  # who reported it
    rounds: list[Round]
    news: Anchor  # what the owner heard of it last, or what began the round
    pauses: list[Pause] = field(default_factory=list)
    reassigned: list[Anchor] = field(default_factory=list)
    asked: list[Anchor] = field(default_factory=list)  # the owner asked for the level above
    linked: list[str] = field(default_factory=list)  # complaints about it
    post: Role | None = None  # the post that it was given to
    history: list[tuple[str, str]] = field(default_factory=list)  # what was told of it: as which fact, by which event
    transferred: Anchor | None = None  # a defect not put right when the home changed hands: it went with the home

    @property
    def opened(self) -> Anchor:
        """The report."""
        return self.rounds[0].began

    @property
    def current(self) -> Round:
        """The round that counts now."""
        return self.rounds[-1]

    @property
    def reopened(self) -> Sequence[Anchor]:
        """What reopened it, in order."""
        return [each.began for each in self.rounds[1:]]

    @property
    def closed(self) -> Anchor | None:
        """The acceptance of the last round; None while the case is open."""
        return self.current.closed

    def state(self, now: datetime) -> str:
        """`transferred`, `closed`, `paused`, `disputed`, `fixed` or `open`."""
        if self.transferred is not None:
            return "transferred"
        if self.closed is not None:
            return "closed"
        if any(pause.begin <= now < pause.end for pause in self.pauses):
            return "paused"
        if self.current.disputed is not None:
            return "disputed"
        return "fixed" if CaseStep.FIX in self.current.steps else "open"


@dataclass(frozen=True, slots=True)
class Cases:
    """Every case of a journey by id, in the order of their reports, and what was told of them that cannot be."""

    by_id: Mapping[str, Case]
    refused: Mapping[str, Reason]

    def of(self, kind: CaseKind) -> Sequence[Case]:
        """The cases of a kind that are served here: not those that went with the home to its next owner."""
        return [case for case in self.by_id.values() if case.kind is kind and case.transferred is None]

    @property
    def transferred(self) -> Sequence[Case]:
        """The cases that went with the home to its next owner."""
        return [case for case in self.by_id.values() if case.transferred is not None]


NO_CASES: Final = Cases({}, {})
