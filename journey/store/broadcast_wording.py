"""What a broadcast says, by language and channel: shown to whoever lets it go, and pinned as he saw it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, Final, TypeAlias

from journey.domain.opting_out import with_opt_out
from journey.domain.packs import PackVersion
from journey.domain.saying import in_language
from journey.domain.values import Language
from journey.store.broadcasts import WORDS
from journey.store.reserving import variables
from journey.store.texts import Active, Text, Texts

Fill: TypeAlias = Callable[[str, Mapping[str, Any], str], str | None]
OWN: Final = "…"  # stands for what each reader has of his own: his name, his home
DIGITS: Final = 16  # hexadecimal digits of the hash that pins it


def text_for(texts: Texts, version: PackVersion, language: str, template: str, channel: str) -> Text | None:
    """The version that goes out by a channel, else the one that waits to be let go; None without such a text."""
    active = texts.active(version.hash, language, template, channel, None)
    return active.text if isinstance(active, Active) else texts.find(version.hash, language, template, channel)


def shown(
    row: Any, version: PackVersion, texts: Texts, now: datetime, *, project: str, zone: str, fill: Fill
) -> list[dict[str, Any]]:
    """What the readers of each language get, channels that say the same together; `text` is None where it would fail.

    `row` has the `rule`, `message_class` and `params` of the broadcast; `fill` puts a text into words.
    """
    home = SimpleNamespace(unit=OWN, building=OWN, project_name=project, zone=zone)
    found: dict[tuple[str, str | None, str | None], list[str]] = {}
    for language, channel, text in _texts(row, version, texts):
        who = SimpleNamespace(name=OWN, language=language)
        said = variables(home, who, row.params, now) | in_language(_words(row.params), language)
        subject = fill(text.subject, said, language) if text.subject else None
        body = fill(text.text, said, language)
        if body is not None:
            body = ended(body, row.message_class, channel, language, texts, version)
        found.setdefault((language, subject, body), []).append(channel)
    return [
        {"language": language, "channels": channels, "subject": subject, "text": body}
        for (language, subject, body), channels in found.items()
    ]


def ended(text: str, message_class: str, channel: str, language: str, texts: Texts, version: PackVersion) -> str:
    """A text as it leaves: a marketing one says how to get no more."""
    already = texts.opt_out(version.hash, language)
    return with_opt_out(text, message_class=message_class, channel=channel, language=language, already=already)


def fingerprint_of(row: Any, version: PackVersion, texts: Texts) -> str:
    """The same while the same versions of the text may go, and nobody changes what they are filled with.

    Every language counts, and every channel of the class.
    """
    goes = [(language, channel, text.subject, text.text) for language, channel, text in _texts(row, version, texts)]
    named = texts.of_template(version.hash, _template(row))
    pack = [(one.template, one.language, one.subject, one.text) for one in named]
    ends = [texts.opt_out(version.hash, language.value) for language in Language]
    said = sorted((key, repr(value)) for key, value in row.params.items())
    return sha256(repr((goes, sorted(pack), ends, said)).encode()).hexdigest()[:DIGITS]


def _texts(row: Any, version: PackVersion, texts: Texts) -> list[tuple[str, str, Text]]:
    """By language and channel, in the order of the class: the version that may go."""
    named = row.params.get("channel")
    order: Sequence[str] = (named,) if named is not None else version.pack.messages.order(row.message_class)
    found = [
        (language.value, channel, text_for(texts, version, language.value, _template(row), channel))
        for language in Language
        for channel in order
    ]
    return [(language, channel, text) for language, channel, text in found if text is not None]


def _template(row: Any) -> str:
    return str(row.params.get("template", row.rule))


def _words(params: Mapping[str, Any]) -> dict[str, Any]:
    """Words of its own, by language."""
    return {WORDS: params[WORDS]} if params.get(WORDS) else {}
