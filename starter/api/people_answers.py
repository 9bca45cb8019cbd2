"""What the API answers of people: who they are, their homes, what they agreed to, how they are reached."""

from pydantic import Field

from starter.api.answers import CLASS, Shown


class PersonRow(Shown):
    """A person, by our id and the ref."""

    id: str
    ref: str
    name: str | None = None


class HomeShown(Shown):
    """A home that a person owns, or owned as a party who left (`former`)."""

    journey: str
    project: str
    unit: str | None = None
    status: str
    since: str | None = None
    kind: str
    former: bool = False


class ConsentShown(Shown):
    """Whether a purpose is agreed to; without a channel, on every one."""

    purpose: str
    channel: str | None = None
    given: bool
    since: str


class ContactShown(Shown):
    """One way to reach a person."""

    channel: str
    address: str | None = None
    state: str
    since: str


class InboxShown(Shown):
    """A message in an inbox; what it says only for who may read personal data."""

    id: str
    journey: str
    message_class: str = Field(alias="class", description=CLASS)
    template: str
    language: str
    subject: str | None = None
    text: str | None = None
    at: str
    read_at: str | None = None


class ReadShown(Shown):
    """A message that was read, and when first."""

    id: str
    read_at: str


class PersonShown(PersonRow):
    """A person with all homes, who owns one of them too (`household`), consents and contacts."""

    aliases: list[str] = Field(default_factory=list)
    language: str
    birthday: str | None = None
    zone: str | None = None
    preferred_channel: str | None = None
    bereaved: bool = False
    homes: list[HomeShown] = Field(default_factory=list)
    household: list[str] = Field(default_factory=list)
    consents: list[ConsentShown] = Field(default_factory=list)
    contacts: list[ContactShown] = Field(default_factory=list)
    earlier_contacts: list[ContactShown] = Field(default_factory=list)


class Erased(Shown):
    """A person that was forgotten; `evidence` says whether the proofs of his consents went too."""

    id: str
    ref: str
    at: str
    evidence: bool


class KeptFor(Shown):
    """How many persons are kept for a reason."""

    code: str
    count: int
    text: str


class RetentionReport(Shown):
    """What a run of retention found: who went, or with `dry_run` would, and who is kept for which reason.

    `strangers` counts answers of nobody here that lost their number and words.
    """

    dry_run: bool
    looked_at: int
    erased: int
    evidence_erased: int
    strangers: int = 0
    kept: list[KeptFor] = Field(default_factory=list)
