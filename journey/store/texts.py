"""The texts of published packs in memory, with what posts and providers said of them: which version may go out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from journey.domain.packs import PackHistory
from journey.domain.wording import (
    AnswerText,
    Lack,
    Opinion,
    Opinions,
    Price,
    ProviderText,
    TemplateSpec,
    Wording,
    base_of,
    fingerprint,
    lacking,
    name_for,
    provider_text,
)

NOBODY: Mapping[str, Opinion] = {}


@dataclass(frozen=True, slots=True)
class Text:
    """One version of a text: `template` is named with the channel of its variant."""

    template: str
    language: str
    text: str
    subject: str
    hash: str
    pack: str  # the hash of the pack that has it
    spec: TemplateSpec


@dataclass(frozen=True, slots=True)
class Active:
    """The version that goes out; `known_as` is how the provider knows it, where he must."""

    text: Text
    known_as: ProviderText | None = None


@dataclass(frozen=True, slots=True)
class Withheld:
    """No version may go out; `lacks` says who keeps the newest one back."""

    lacks: Mapping[str, Lack]


@dataclass(frozen=True, slots=True)
class _Book:
    """The words of one published pack."""

    texts: Mapping[str, Mapping[str, str]]
    wording: Wording
    answers: Mapping[str, AnswerText]


@dataclass(slots=True)
class Texts:
    """What packs say, newest version first, and who approved it. What was decided once is not looked at again."""

    stamp: int = 0  # the number of the last opinion that is known here
    _books: dict[str, _Book] = field(default_factory=dict)
    _lines: dict[str, Sequence[str]] = field(default_factory=dict)
    _opinions: Opinions = field(default_factory=dict)
    _decided: dict[tuple[str, str, str, str, str], Active | Withheld | None] = field(default_factory=dict)

    def keep(self, pack_hash: str, document: Mapping[str, Any]) -> None:
        """Take in the words of a published pack."""
        answers = document.get("answers") or {}
        self._books[pack_hash] = _Book(
            document.get("templates") or {},
            Wording.model_validate(document.get("wording") or {}),
            {name: AnswerText.model_validate(answer) for name, answer in answers.items()},
        )

    def follow(self, history: PackHistory) -> None:
        """Take in which versions of a pack came before which."""
        for place, version in enumerate(history.versions):
            begun = version.pack.effective_from
            earlier = [one.hash for one in history.versions[:place] if one.pack.effective_from <= begun]
            self._lines[version.hash] = (version.hash, *reversed(earlier))
        self._decided = {}

    def hear(self, opinions: Opinions, stamp: int) -> None:
        """Take in everything that was said, up to the opinion of that number."""
        self._opinions, self.stamp, self._decided = opinions, stamp, {}

    def template(self, pack_hash: str, language: str, name: str) -> str | None:
        """The text of a template in a pack, in the wanted language, else in any that it has."""
        texts = self._books[pack_hash].texts if pack_hash in self._books else {}
        wanted = texts.get(language, {}).get(name)
        return wanted or next((by[name] for by in texts.values() if name in by), None)

    def names(self, pack_hash: str, *, variants: bool = False) -> list[str]:
        """The templates of a pack in any language, in the order of names; `variants` for channels too."""
        texts = self._books[pack_hash].texts if pack_hash in self._books else {}
        there = {name for by_template in texts.values() for name in by_template}
        return sorted(name for name in there if variants or base_of(name) == name or base_of(name) not in there)

    def answers(self, pack_hash: str) -> Mapping[str, AnswerText]:
        """The approved answers of a pack by id."""
        return self._books[pack_hash].answers if pack_hash in self._books else {}

    def spec(self, pack_hash: str, template: str) -> TemplateSpec:
        """What a pack says of a template."""
        return self._books[pack_hash].wording.of(template) if pack_hash in self._books else TemplateSpec()

    def price(self, pack_hash: str, channel: str) -> Price | None:
        """What a pack reckons for a part of a message."""
        return self._books[pack_hash].wording.prices.get(channel) if pack_hash in self._books else None

    def opt_out(self, pack_hash: str, language: str) -> str | None:
        """The words by which a reader has no more of the marketing texts of a pack; None where it has none."""
        words = self._books[pack_hash].wording.opt_out if pack_hash in self._books else None
        return words.said(language) if words is not None else None

    def said_of(self, text: Text) -> Mapping[str, Opinion]:
        """The last word of everybody who said something of a version."""
        return self._opinions.get((text.template, text.language, text.hash), NOBODY)

    def of_template(self, pack_hash: str, template: str) -> list[Text]:
        """The texts of a template in a pack: in each language, and the variants of each channel."""
        book = self._books.get(pack_hash)
        if book is None:
            return []
        return [
            _text(book, pack_hash, language, name)
            for language, by_template in book.texts.items()
            for name in sorted(by_template)
            if template in (name, base_of(name))
        ]

    def find(self, pack_hash: str, language: str, template: str, channel: str = "") -> Text | None:
        """The text of a pack for a channel: its variant, else the template itself; in any language it has."""
        book = self._books.get(pack_hash)
        if book is None:
            return None
        for tried in (language, *(other for other in book.texts if other != language)):
            by_template = book.texts.get(tried, {})
            name = name_for(template, channel, by_template) if channel else template
            if name in by_template:
                return _text(book, pack_hash, tried, name)
        return None

    def versions(self, pack_hash: str, language: str, template: str, channel: str = "") -> Iterator[Text]:
        """The text in this version of the pack and in those before it, the newest first."""
        for one in self._lines.get(pack_hash, (pack_hash,)):
            found = self.find(one, language, template, channel)
            if found is not None:
                yield found

    def active(
        self, pack_hash: str, language: str, template: str, channel: str, provider: str | None
    ) -> Active | Withheld | None:
        """The version that goes out by a channel: the pack's if it may, else the last before it that may.

        `provider` is named where he takes only what he approved. None: the pack has no such text.
        """
        decided, key = self._decided, (pack_hash, language, template, channel, provider or "")
        if key not in decided:
            decided[key] = self._decide(pack_hash, language, template, channel, provider)
        return decided[key]

    def _decide(
        self, pack_hash: str, language: str, template: str, channel: str, provider: str | None
    ) -> Active | Withheld | None:
        if self.find(pack_hash, language, template, channel) is None:
            return None
        lacks: dict[str, dict[str, Lack]] = {}  # by text: one that may not go is not let through by an older pack
        for text in self.versions(pack_hash, language, template, channel):
            if text.hash in lacks:
                continue
            said = self.said_of(text)
            missing = lacking(text.spec, said, provider)
            known_as = provider_text(text.spec, text.language, said, provider) if provider else None
            if not missing and (known_as is None or known_as.code):
                return Active(text, known_as)
            lacks[text.hash] = missing or {str(provider): Lack.AWAITED}
        return Withheld(next(iter(lacks.values())))


def _text(book: _Book, pack_hash: str, language: str, name: str) -> Text:
    spec = book.wording.of(name)
    subject = (
        spec.subject.said(language) if spec.subject and base_of(name) in (name, name.removesuffix(".email")) else ""
    )
    text = book.texts[language][name]
    return Text(name, language, text, subject, fingerprint(text, subject), pack_hash, spec)
