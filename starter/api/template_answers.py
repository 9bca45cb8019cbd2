"""What the API answers of templates and of approved answers."""

from typing import Any

from pydantic import Field

from starter.api.answers import Shown


class TemplateRow(Shown):
    """A template in a list; by language `active`, `waiting` (an older text goes out), `withheld` or `missing`."""

    id: str
    label: str
    class_: str | None = Field(None, alias="class")
    approvals: list[str]
    providers: list[str]
    variants: list[str]
    languages: dict[str, dict[str, Any]]


class TemplateShown(TemplateRow):
    """A template with the versions of its texts, the newest first, and everything that was said of them."""

    texts: list[dict[str, Any]]
    history: list[dict[str, Any]]


class TemplateDiff(Shown):
    """What differs between two versions."""

    template: str
    language: str
    before: str
    after: str
    lines: list[str]


class TemplatePreview(Shown):
    """A template for a masked owner, by channel."""

    template: str
    journey: str
    language: str
    from_item: bool
    channels: list[dict[str, Any]]
    assumed: list[str]


class WordKept(Shown):
    """A word on a version; `changed` is false when it stood so already."""

    template: str
    language: str
    version: str
    party: str
    state: str
    changed: bool


class TestShown(Shown):
    """A test send and how it ended."""

    __test__ = False  # its name must not make pytest collect it

    id: str
    template: str
    language: str
    version: str
    channel: str
    to: str
    state: str
    reason: str | None = None


class AnswerShown(Shown):
    """An answer 统一口径 in one of its versions."""

    id: str
    version: int
    state: str
    topic: str
    text: str
    texts: dict[str, str]
    approved_by: list[str]
    lacks: list[str] = Field(default_factory=list)
    categories: list[str] = Field(default_factory=list)
    kinds: list[str] = Field(default_factory=list)
    rules: list[str] = Field(default_factory=list)
    valid_from: str | None = None
    valid_until: str | None = None
    source: str = ""
    origin: str


class AnswerHistory(AnswerShown):
    """An answer with everything that was said of it."""

    history: list[dict[str, Any]]
