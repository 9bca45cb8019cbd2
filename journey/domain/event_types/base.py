"""What a registered event type is, and the models that several groups share."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self, TypeAlias, get_args

from pydantic import BeforeValidator, Field, model_validator
from pydantic.fields import FieldInfo

from journey.domain.event_types.channels import Channel
from journey.domain.event_types.fields import (
    FOLDED,
    PERSONAL,
    Birthday,
    Code,
    Data,
    Day,
    Email,
    Evidence,
    Name,
    OwnWords,
    Phone,
    PostalAddress,
    Zone,
    refuse,
)
from journey.domain.values import ConsentPurpose, Language

Target: TypeAlias = Literal["journey", "project"]
JOURNEY: frozenset[Target] = frozenset({"journey"})
PROJECT: frozenset[Target] = frozenset({"project"})
BOTH: frozenset[Target] = JOURNEY | PROJECT
Group: TypeAlias = Literal[
    "any",
    "sale",
    "project",
    "handover",
    "fit-out",
    "living",
    "defects",
    "cases",
    "people",
    "contact",
    "surveys",
    "open-days",
    "operators",
]
Purpose = Annotated[ConsentPurpose, FOLDED]


@dataclass(frozen=True, slots=True)
class EventType:
    """A type that may be told: its labels, the model of its `data`, to whom it is told, whether a person is named."""

    name: str
    group: Group
    zh: str
    en: str
    data: type[Data]
    targets: frozenset[Target] = JOURNEY
    needs_person: bool = False

    def label(self, lang: str) -> str:
        """Return the Chinese label for `zh` and its variants, else the English one."""
        return self.zh if lang.lower().startswith("zh") else self.en


class Anything(Data):
    """Data of types that need nothing: a date and a remark are understood."""

    on: Day | None = None
    by: Code | None = None
    reason: OwnWords | None = None
    notes: OwnWords | None = None


class On(Anything):
    """Data of types that need their civil date."""

    on: Day


class Consent(Data):
    """One purpose that an owner agreed to."""

    purpose: Purpose
    channel: Channel | None = None
    evidence: Evidence | None = None


def _purposes(value: Any) -> Any:
    given = value if isinstance(value, list) or value is None else [value]
    return given and [{"purpose": each} if isinstance(each, str) else each for each in given]


class Owner(Data):
    """A party of a home, inside an event: `ref` names a known person, or one to be known from now on."""

    ref: Code | None = None
    name: Name | None = None
    phone: Phone | None = None
    email: Email | None = None
    address: PostalAddress | None = None
    language: Annotated[Language, FOLDED] | None = None
    birthday: Birthday | None = None
    zone: Zone | None = None
    consents: Annotated[list[Consent], BeforeValidator(_purposes)] | None = None

    @model_validator(mode="after")
    def _is_somebody(self) -> Self:
        if self.ref is None and self.name is None:
            raise refuse("required", field="ref")
        return self


class NewOwnerBody(Owner):
    """A party of a home, told when a journey starts."""

    ref: Code
    name: Name


def _owners(value: Any) -> Any:
    given = value if isinstance(value, list) or value is None else [value]
    return given and [{"ref": each} if isinstance(each, str) else each for each in given]


Owners = Annotated[list[Owner], BeforeValidator(_owners), Field(min_length=1)]


def is_personal(field: FieldInfo) -> bool:
    """Return whether the whole field says something about a person."""
    return PERSONAL in field.metadata or "" in _inside(field.annotation)


def personal_paths(model: type[Data]) -> tuple[str, ...]:
    """Return the paths of the personal fields of a model, such as `notes` or `owners.*.name`."""
    paths: list[str] = []
    for name, field in model.model_fields.items():
        key = field.alias or name
        found = ("",) if is_personal(field) else _inside(field.annotation)
        paths += [f"{key}.{rest}" if rest else key for rest in found]
    return tuple(paths)


def _inside(annotation: Any) -> tuple[str, ...]:
    if PERSONAL in getattr(annotation, "__metadata__", ()):
        return ("",)
    if isinstance(annotation, type) and issubclass(annotation, Data):
        return personal_paths(annotation)
    many = getattr(annotation, "__origin__", None) is list
    found = [path for part in get_args(annotation) for path in _inside(part)]
    return tuple(dict.fromkeys(f"*.{path}" if many and path else "*" if many else path for path in found))
