"""What a pack says of its texts: names, classes, who approves them, how providers know them; and approved answers.

A text is known by its template, language and hash. What providers and posts said of it are facts of the store: a pack
never approves itself.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, model_validator

from journey.domain.case_values import CaseKind, Category
from journey.domain.numbers.base import Numbers
from journey.domain.values import Labelled

PARTS: Final = ("templates", "wording", "answers")  # of a published pack's document: words, no numbers
LANGUAGES: Final = ("zh", "en")
CHANNELS: Final = ("sms", "wechat", "email", "voice", "inbox", "letter")  # a text may have a variant for each
Provider = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
TemplateClass = Literal["contract", "care", "marketing", "emergency"]


class Party(Labelled):
    """A post that signs a text off before owners read it."""

    LEGAL = "legal", "法务", "Legal"
    MARKETING = "marketing", "营销", "Marketing"


class ApprovalState(Labelled):
    """How far a text has come with a post or a provider."""

    DRAFT = "draft", "草稿", "Draft"
    SUBMITTED = "submitted", "已提交", "Submitted"
    APPROVED = "approved", "已批准", "Approved"
    REJECTED = "rejected", "已驳回", "Rejected"


class Words(Numbers):
    """The same in both languages."""

    zh: str = Field(min_length=1)
    en: str = Field(min_length=1)

    def said(self, language: str) -> str:
        """In a reader's language."""
        return self.zh if language.startswith("zh") else self.en


class ProviderText(Numbers):
    """How a provider knows a text: sign name 签名, template code, what fills each of its parameters.

    A parameter is filled by a variable, with filters where needed: `owner.name`, `handover_on | date_zh`.
    """

    sign: str = Field("", max_length=40)
    code: str = Field("", max_length=100)
    params: Mapping[str, Annotated[str, Field(min_length=1, max_length=200)]] = Field(default_factory=dict)


class TemplateSpec(Numbers):
    """What `templates.yaml` says of one template; `subject` is that of an e-mail, with variables as in the text."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    label: Words | None = None
    class_: TemplateClass | None = Field(None, alias="class")
    subject: Words | None = None
    approvals: tuple[Party, ...] = ()
    providers: Mapping[Provider, Mapping[Literal["zh", "en"], ProviderText]] = Field(default_factory=dict)


class Price(Numbers):
    """What one part of a message costs, in a currency of ISO 4217."""

    amount: Annotated[str, Field(pattern=r"^[0-9]{1,6}(\.[0-9]{1,4})?$")]
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]

    def of(self, parts: int) -> str:
        """What that many parts cost."""
        return f"{Decimal(self.amount) * parts} {self.currency}"


class Wording(Numbers):
    """`templates.yaml` of a pack. `opt_out` are the words that a marketing text must contain (C8).

    `prices`, by channel, are what previews reckon with; the bill is the provider's.
    """

    opt_out: Words | None = None
    prices: Mapping[str, Price] = Field(default_factory=dict)
    templates: Mapping[str, TemplateSpec] = Field(default_factory=dict)

    def of(self, template: str) -> TemplateSpec:
        """What is said of a template, also by the name of its variant for a channel."""
        return self.templates.get(template) or self.templates.get(base_of(template)) or TemplateSpec()


class AnswerText(Numbers):
    """One wording 统一口径 of a question that comes again: what it is about, who approved it, while it is valid.

    It is offered beside tasks of its `rules`, and of cases of its `kinds` and `categories`, of both where both stand.
    """

    topic: Words
    text: Words
    categories: tuple[Category, ...] = ()
    kinds: tuple[CaseKind, ...] = ()
    rules: tuple[str, ...] = ()
    approvals: tuple[Party, ...] = ()  # who must approve it; in a pack it stands with `approved_by`
    approved_by: tuple[Party, ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    version: int = Field(1, ge=1)
    source: str = Field("", max_length=200)

    @model_validator(mode="after")
    def _in_order(self) -> "AnswerText":
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("valid_until lies before valid_from")
        return self

    def holds_on(self, day: date) -> bool:
        """Whether it may be given on a day; both ends count."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )

    def fits(self, rule: str, kind: str | None, category: str | None) -> bool:
        """Whether it helps with a task of a rule, or of a case of a kind and category."""
        if rule in self.rules:
            return True
        if not self.kinds and not self.categories:
            return False
        return (not self.kinds or kind in self.kinds) and (not self.categories or category in self.categories)


@dataclass(frozen=True, slots=True)
class Opinion:
    """The last word of a post or a provider on one text."""

    state: str
    code: str = ""
    sign: str = ""
    params: Mapping[str, str] = field(default_factory=dict)

    @property
    def approved(self) -> bool:
        """Whether it may go."""
        return self.state == ApprovalState.APPROVED.value


# (template with its variant, language, hash of the text) → party → its last word
Opinions = Mapping[tuple[str, str, str], Mapping[str, Opinion]]


class Lack(StrEnum):
    """Why a text may not go yet."""

    REJECTED = "rejected"
    AWAITED = "awaited"


def fingerprint(text: str, subject: str = "") -> str:
    """What a version of a text is known by: another character is another version."""
    whole = json.dumps([text, subject], ensure_ascii=False) if subject else text
    return sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def base_of(template: str) -> str:
    """The template that a variant for a channel belongs to: `handover.notice` of `handover.notice.sms`."""
    base, dot, last = template.rpartition(".")
    return base if dot and last in CHANNELS else template


def name_for(template: str, channel: str, names: Mapping[str, Any]) -> str:
    """The template's variant for a channel where there is one, else the template itself."""
    variant = f"{template}.{channel}"
    return variant if variant in names else template


def lacking(spec: TemplateSpec, said: Mapping[str, Opinion], provider: str | None) -> dict[str, Lack]:
    """Who keeps a text from going, by name: posts whose approval it needs, the provider that must know it.

    A post that rejected it counts whether it was asked or not.
    """
    needed = [*(party.value for party in spec.approvals), *([provider] if provider else [])]
    found = {
        party: Lack.REJECTED if party in said and said[party].state == ApprovalState.REJECTED.value else Lack.AWAITED
        for party in needed
        if party not in said or not said[party].approved
    }
    posts = [party.value for party in Party]
    rejected = {party: Lack.REJECTED for party in posts if party in said and said[party].state == "rejected"}
    return rejected | found


def provider_text(spec: TemplateSpec, language: str, said: Mapping[str, Opinion], provider: str) -> ProviderText:
    """How a provider knows a text: as the store has it, else as the pack says."""
    written = spec.providers.get(provider, {}).get("zh" if language.startswith("zh") else "en", ProviderText())
    opinion = said.get(provider)
    if opinion is None or not opinion.code:
        return written
    return ProviderText(sign=opinion.sign, code=opinion.code, params=dict(opinion.params))


def expression(text: str) -> str:
    """A parameter's variable as a template text."""
    return text if "{{" in text else "{{ " + text + " }}"
