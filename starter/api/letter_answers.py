"""What the API answers of letters."""

from typing import Any

from pydantic import Field

from starter.api.answers import Shown


class LetterRow(Shown):
    """A printed letter, without name and address; `state` is that of its item, `outcome` what the post said."""

    reference: str
    run: str
    position: int
    project: str
    batch: str | None = None
    unit: str | None = None
    journey: str
    key: str
    item: str
    title: str
    person: str | None = None
    copy_: int = Field(alias="copy")
    tracking: str | None = None
    outcome: str | None = None
    on: str | None = None
    scan: str | None = None
    state: str | None = None
    first_page: int
    pages: int


class MissingLetter(Shown):
    """A letter that was not printed, and why: `no-address`, `no-words`, `no-glyphs`."""

    journey: str
    unit: str | None = None
    person: str | None = None
    item: str
    title: str
    reason: str


class RunRow(Shown):
    """A print run: who, when, how many letters on how many pages, and its files by hash."""

    id: str | None
    project: str
    batch: str | None = None
    rule: str | None = None
    at: str | None = None
    by: str | None = None
    reason: str | None = None
    letters: int
    pages: int
    missing: int
    files: dict[str, str] = Field(default_factory=dict)
    fonts: list[str] = Field(default_factory=list)


class RunShown(RunRow):
    """A print run with its letters by outcome, and those that are missing. Without `id` there was nothing to print."""

    outcomes: dict[str, int] = Field(default_factory=dict)
    missing_letters: list[MissingLetter] = Field(default_factory=list)


class TrackingAnswer(Shown):
    """How many numbers were written down, and how many stood already."""

    run: str
    written: int
    unchanged: int


class ProofRow(Shown):
    """What became of a row of the file."""

    row: int
    reference: str
    verdict: str
    event: str | None = None
    reason: dict[str, Any] | None = None


class ProofAnswer(Shown):
    """The rows of a file of proofs, and how many of each verdict."""

    run: str
    verdicts: dict[str, int]
    rows: list[ProofRow]


class EvidenceKept(Shown):
    """A file that was taken: its hash names it from now on."""

    hash: str
    media_type: str
    bytes: int
