"""A policy pack: the numbers of every stage, who holds which post, and its published versions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from pydantic import Field, model_validator
from pydantic.fields import FieldInfo

from journey.domain.numbers.base import Numbers
from journey.domain.numbers.batch import BatchNumbers
from journey.domain.numbers.broadcast import BroadcastNumbers
from journey.domain.numbers.cases import ComplaintNumbers, RepairNumbers
from journey.domain.numbers.contact import ContactNumbers
from journey.domain.numbers.fit_out import FitOutNumbers
from journey.domain.numbers.handover import HandoverNumbers
from journey.domain.numbers.kernel import KernelNumbers, MessageNumbers, Post, TimeNumbers
from journey.domain.numbers.letter import LetterNumbers
from journey.domain.numbers.occupancy import OccupancyNumbers
from journey.domain.numbers.ownership import OwnershipNumbers
from journey.domain.numbers.pre_handover import PreHandoverNumbers
from journey.domain.numbers.project import ProjectNumbers
from journey.domain.numbers.prospect import ProspectNumbers
from journey.domain.numbers.retention import RetentionNumbers
from journey.domain.numbers.signing import SigningNumbers
from journey.domain.numbers.survey import SurveyNumbers
from journey.domain.numbers.warranty import WarrantyNumbers
from journey.domain.values import Role


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
    # Sections younger than the first release end with `| None = None`: a pack file must have them (`NEWER_SECTIONS`),
    # a version that was published before them has not, and their rules ask for nothing under it.
    project: ProjectNumbers | None = None
    batch: BatchNumbers | None = None
    ownership: OwnershipNumbers | None = None
    repair: RepairNumbers | None = None
    complaint: ComplaintNumbers | None = None
    survey: SurveyNumbers | None = None
    broadcast: BroadcastNumbers | None = None
    prospect: ProspectNumbers | None = None
    pre_handover: PreHandoverNumbers | None = None
    fit_out: FitOutNumbers | None = None
    occupancy: OccupancyNumbers | None = None
    letter: LetterNumbers | None = None
    retention: RetentionNumbers | None = None
    contact: ContactNumbers | None = None

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


def _models(section: FieldInfo) -> Iterator[type[Numbers]]:
    for kind in (section.annotation, *get_args(section.annotation)):
        if isinstance(kind, type) and issubclass(kind, Numbers):
            yield kind


NEWER_SECTIONS = frozenset(name for name, field in Pack.model_fields.items() if not field.is_required())
# The same for numbers that end with `| None = None` in a section that is older than they.
NEWER_NUMBERS = frozenset(
    (section, name)
    for section, field in Pack.model_fields.items()
    for model in _models(field)
    for name, number in model.model_fields.items()
    if number.default is None
)


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


def is_above(post: Role, other: Role, posts: Mapping[Role, Post]) -> bool:
    """Whether a matter of `other` escalates, in one step or more, to `post`."""
    above = posts[other].escalates_to
    while above is not None and above is not post:
        above = posts[above].escalates_to
    return above is post
