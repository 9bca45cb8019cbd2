"""Whether a text may be broadcast: it says only what a broadcast knows, and as marketing how to get no more (C8)."""

from collections.abc import Mapping
from typing import Final

from journey import policies
from journey.domain.errors import InvalidInput, field_error
from journey.domain.opting_out import opt_out
from journey.domain.rules import NOTICE
from journey.domain.saying import ON_PAPER, says
from journey.domain.values import MessageClass
from journey.store.shelf import Shelf
from journey.store.texts import Text

# What an editor may write: what is owed by contract has texts of its own, which are looked at before.
EDITORIAL: Final = (MessageClass.CARE, MessageClass.MARKETING)


def check_text(shelf: Shelf, pack_hash: str, language: str, template: str, message_class: MessageClass) -> None:
    """InvalidInput for a text that a pack does not have, that would fail for everybody, or that its class forbids."""
    if template.startswith(ON_PAPER):
        raise InvalidInput((field_error("template", "on-paper"),))
    if shelf.template(pack_hash, language, template) is None:
        known = ", ".join(name for name in shelf.template_names(pack_hash) if not name.startswith(ON_PAPER))
        raise InvalidInput((field_error("template", "unknown-value", allowed=known),))
    texts = shelf.texts.of_template(pack_hash, template)
    unknown = sorted(says(template).always & _asked_for(texts)) if template != NOTICE else []
    if unknown:
        raise InvalidInput((field_error("template", "not-said", names=", ".join(unknown)),))
    marketing = shelf.texts.spec(pack_hash, template).class_ == MessageClass.MARKETING.value
    if marketing and message_class is not MessageClass.MARKETING:
        raise InvalidInput((field_error("template", "is-marketing"),))
    if message_class is MessageClass.MARKETING and not marketing and template != NOTICE:
        _refuse_without_opt_out(shelf, pack_hash, texts)


def check_words(
    shelf: Shelf, pack_hash: str, words: Mapping[str, str], template: str | None, message_class: MessageClass
) -> None:
    """InvalidInput for words beside another text, without their class, or as marketing without the way to opt out."""
    if template not in (None, NOTICE):
        raise InvalidInput((field_error("words", "unknown-field"),))
    if message_class not in EDITORIAL:
        raise InvalidInput((field_error("class", "unknown-value", allowed=", ".join(EDITORIAL)),))
    if message_class is not MessageClass.MARKETING:
        return
    for language, said in words.items():
        wanted = shelf.texts.opt_out(pack_hash, language) or opt_out("sms", language)
        if wanted not in said:
            raise InvalidInput((field_error(f"words/{language}", "no-opt-out", words=wanted),))


def _asked_for(texts: list[Text]) -> set[str]:
    """The variables that any of them uses."""
    return {name for text in texts for name in policies.variables_of(text.text + text.subject)}


def _refuse_without_opt_out(shelf: Shelf, pack_hash: str, texts: list[Text]) -> None:
    for text in texts:
        words = shelf.texts.opt_out(pack_hash, text.language) or opt_out("sms", text.language)
        if words not in text.text:
            raise InvalidInput((field_error("template", "no-opt-out", words=words),))
