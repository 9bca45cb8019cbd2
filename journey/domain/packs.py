"""A policy pack: every number a rule may use. No number has a default here: a pack that misses one is refused.

The exception are numbers younger than the first release: published packs are read for ever.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from journey.domain.periods import Period
from journey.domain.values import Role


class Numbers(BaseModel):
    """Frozen and closed: an unknown name is an error, so that a typo cannot hide."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _clock(value: object) -> object:
    """A bare number would read as seconds after midnight."""
    if isinstance(value, int | float):
        raise ValueError('a time of day is written as "18:00"')  # noqa: TRY004 - pydantic reports ValueErrors
    return value


ClockTime = Annotated[time, BeforeValidator(_clock)]


def _in_order(hours: tuple[time, time]) -> tuple[time, time]:
    if hours[0] >= hours[1]:
        raise ValueError("hours begin before they end")
    return hours


Hours = Annotated[tuple[ClockTime, ClockTime], AfterValidator(_in_order)]
Count = Annotated[int, Field(strict=True, ge=0)]
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]


class Duty(Numbers):
    """A human duty: `within` counts from the fact; `warn` and `escalate` from the final due.

    `window` is how long after its due it still makes sense to begin.
    """

    within: Period
    warn: Period | None
    escalate: Period
    window: Period
    attempts: int = Field(strict=True, ge=1, le=10)


class Text(Numbers):
    """A message: `within` counts from the fact, `window` from its due instant."""

    within: Period
    window: Period


class TimeNumbers(Numbers):
    """When a day's work is due, how much grace late news gets, how long before its due a task opens.

    `settle` is how long a moved date stands before owners are told that it moved.
    """

    task_due: ClockTime
    office_hours: tuple[Hours, ...] = Field(min_length=1)
    task_lead: Period
    grace: Period
    late_after: Period
    settle: Period = Period(seconds=600)  # packs that were published before it lack it


class MessageNumbers(Numbers):
    """Allowed hours and channel order by class (recipient's zone), calling hours, monthly cap of care and marketing."""

    windows: Mapping[str, Hours]
    call_hours: tuple[Hours, ...] = Field(min_length=1)
    attempt_hours: tuple[ClockTime, ...] = Field(min_length=1)
    cap_per_month: Count
    channels: Mapping[str, tuple[Literal["sms", "wechat", "email", "voice"], ...]]

    @model_validator(mode="after")
    def _every_class(self) -> "MessageNumbers":
        wanted = {"contract", "care", "marketing", "internal"}
        for name in ("windows", "channels"):
            missing = wanted - set(getattr(self, name))
            if missing:
                raise ValueError(f"{name} has no entry for class {', '.join(sorted(missing))}")
        empty = [name for name, order in self.channels.items() if not order]
        if empty:
            raise ValueError(f"channels: class {', '.join(sorted(empty))} has no channel")
        return self

    def window(self, message_class: str) -> Hours:
        """The allowed hours of a class; emergencies go at any time."""
        return self.windows.get(message_class, (time(0), time(23, 59, 59)))

    def order(self, message_class: str) -> tuple[str, ...]:
        """The channels of a class in order of preference; emergencies as contracts."""
        return self.channels.get(message_class, self.channels["contract"])


class Post(Numbers):
    """A post (岗位): its names, who stands in while it is not filled, and whom it escalates to."""

    zh: str
    en: str
    stands_in: Role | None
    escalates_to: Role | None


class SigningNumbers(Numbers):
    """Numbers of `stages/signing.py`."""

    keeper_welcome: Text
    keeper_contact: Duty
    read_contract: Text
    service_callback: Duty
    filing: Duty


class CoverTerm(Numbers):
    """The two clocks of one component (C4): `owner` from hand-over, `contractor` from completion acceptance.

    `seasons` counts full heating and cooling seasons in place of `owner`; null = by contract, not known here.
    """

    component: str
    owner: Period | None
    owner_from: Literal["handover", "completion"]
    contractor: Period | None
    seasons: Annotated[int, Field(strict=True, ge=1)] | None
    design_life: bool


class WarrantyNumbers(Numbers):
    """Numbers of `stages/warranty_end.py` and of the ledger."""

    components: Annotated[tuple[CoverTerm, ...], AfterValidator(lambda terms: _unique(terms))]
    season_from: MonthDay
    season_to: MonthDay
    notices: tuple[Period, ...] = Field(min_length=1)
    silent_only: tuple[Period, ...]
    notice_window: Period
    ending_within: Period
    joint_check: Duty
    joint_check_before: Period
    rectification: Duty
    ledger: Duty

    @model_validator(mode="after")
    def _silent_are_notices(self) -> "WarrantyNumbers":
        strangers = [str(rung) for rung in self.silent_only if rung not in self.notices]
        if strangers:
            raise ValueError(f"silent_only names {', '.join(strangers)}, which notices does not")
        return self


class LateHandoverNumbers(Numbers):
    """Numbers of `stages/late_handover.py`. `rescission.within` counts from the owner's demand."""

    case: Duty
    new_date: Duty
    letter: Duty
    answer_demand: Duty
    rescission: Duty
    lapses: Period
    lapses_demanded: Period
    penalty: Duty


class CancellationNumbers(Numbers):
    """Numbers of `stages/cancellation.py`."""

    refund: Duty
    filing: Duty
    mortgage: Duty
    keys: Duty


class HandoverNumbers(Numbers):
    """Numbers of `stages/handover.py` and of the two files beside it. Those before the day are negative."""

    notice: Text
    formal_notice: Duty
    formal_notice_latest: Period
    information: Text
    call: Duty
    reminder: Text
    co_owner_call: Duty
    visit: Duty
    find_contact: Duty
    fund: Text
    fund_check: Duty
    reception: Duty
    companion: Duty
    check_in: Duty
    snags: Duty
    refusal_review: Duty
    fix: Duty
    re_inspection: Duty
    rebook: Duty
    deemed_letter: Duty
    title: Duty
    title_follow_ups: tuple[Period, ...] = Field(min_length=1)
    title_follow_up: Duty
    title_overdue: Duty
    late: LateHandoverNumbers
    cancellation: CancellationNumbers


class KernelNumbers(Numbers):
    """Numbers of the kernel's own tasks: putting right what went out on a withdrawn fact, and contradictions."""

    put_right: Duty
    contradiction: Duty


class Pack(Numbers):
    """One version of a policy pack, layers already merged."""

    pack: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{1,60}$")
    version: str = Field(min_length=1)
    effective_from: date
    country: str = Field(min_length=2)
    zone: str = Field(min_length=1)
    language: Literal["zh", "en"]
    time: TimeNumbers
    messages: MessageNumbers
    posts: Mapping[Role, Post]
    kernel: KernelNumbers
    signing: SigningNumbers
    handover: HandoverNumbers
    warranty: WarrantyNumbers

    @model_validator(mode="after")
    def _posts_end_somewhere(self) -> "Pack":
        missing = [role.value for role in Role if role not in self.posts]
        if missing:
            raise ValueError(f"posts has no entry for {', '.join(missing)}")
        for role in Role:
            seen = {role}
            while (parent := self.posts[role].escalates_to) is not None:
                if parent in seen:
                    raise ValueError(f"posts: the escalation of {role.value} runs in a circle")
                seen.add(parent)
                role = parent
        return self


@dataclass(frozen=True, slots=True)
class PackVersion:
    """A published pack with the hash of its content."""

    hash: str
    pack: Pack


@dataclass(frozen=True, slots=True)
class PackHistory:
    """Every published version of one pack, oldest first; of those with one effective date the last published wins."""

    versions: Sequence[PackVersion]

    def on(self, day: date) -> PackVersion:
        """The version effective on a day; before the first one, the first."""
        begun = [version for version in self.versions if version.pack.effective_from <= day]
        chosen = begun[0] if begun else self.versions[0]
        for version in begun:
            if version.pack.effective_from >= chosen.pack.effective_from:
                chosen = version
        return chosen


def filled_post(role: Role, posts: Mapping[Role, Post], staffed: frozenset[str]) -> Role:
    """Who does the work: the post itself, else who stands in, else the escalation parent; never nobody (A112, A431).

    `staffed` empty means that the project named no staff: every post counts as filled.
    """
    if not staffed:
        return role
    above: Role | None = role
    while above is not None:
        for post in (above, posts[above].stands_in):
            if post is not None and post.value in staffed:
                return post
        above = posts[above].escalates_to
    return Role.GENERAL_MANAGER


def parent_post(role: Role, posts: Mapping[Role, Post], staffed: frozenset[str]) -> Role:
    """The filled post that a matter of `role` escalates to; the general manager's stay with him."""
    above = posts[role].escalates_to
    while above is not None:
        filled = filled_post(above, posts, staffed)
        if filled != role:
            return filled
        above = posts[above].escalates_to
    return Role.GENERAL_MANAGER


def _unique(terms: tuple[CoverTerm, ...]) -> tuple[CoverTerm, ...]:
    names = [term.component for term in terms]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise ValueError(f"components named twice: {', '.join(sorted(twice))}")
    return terms
