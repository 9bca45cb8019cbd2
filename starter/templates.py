"""Templates over REST and CLI: a word on a version, a preview for a masked owner, a test to the operator himself."""

import re
from collections.abc import Collection, Mapping, Set
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import Field
from pydantic_core import PydanticCustomError
from sqlalchemy.orm import Session

from journey import policies
from journey.domain.errors import InvalidInput, field_error
from journey.domain.event_types.fields import read_email, read_phone
from journey.domain.rules import title
from journey.domain.saying import worded
from journey.domain.sms import length, segments
from journey.domain.wording import (
    CHANNELS,
    ApprovalState,
    Party,
    base_of,
    expression,
    lacking,
    provider_text,
)
from journey.store import approvals, template_queries, template_tests
from journey.store.approvals import Said
from journey.store.engine import Store
from journey.store.shelf import Shelf
from journey.store.template_queries import DEFAULT_PACK, Tried
from journey.store.template_tests import NewTest
from journey.store.texts import Text
from starter.bodies import Body, Line, read_body

MARK: Final = "【测试】"
PREVIEWED: Final = ("sms", "wechat", "email", "voice")
_PHONED: Final = ("sms", "voice")
_ACCOUNT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,127}")  # of WeChat or WeCom
Version = Annotated[
    str, Field(pattern=r"^[0-9a-f]{6,64}$", description="The beginning of its hash; newest without it.")
]
Channel = Literal["sms", "wechat", "email", "voice"]


class WordBody(Body):
    """What a post (`legal`, `marketing`) or a provider says of one version of a text.

    `draft` keeps sign name, code and parameters of a provider; a rejection says why.
    """

    language: Literal["zh", "en"]
    party: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
    state: ApprovalState
    by: Line
    version: Version | None = None
    channel: Line | None = None
    reason: Line | None = None
    sign: Annotated[str, Field(max_length=40)] | None = None
    code: Annotated[str, Field(max_length=100)] | None = None
    params: dict[str, Annotated[str, Field(min_length=1, max_length=200)]] | None = None
    pack: Line = DEFAULT_PACK


class TestBody(Body):
    """A test of a text: to an address of the operator's own, never to an owner."""

    __test__ = False  # its name must not make pytest collect it

    language: Literal["zh", "en"] = "zh"
    channel: Channel
    to: Line
    by: Line
    version: Version | None = None
    pack: Line = DEFAULT_PACK


async def say(
    store: Store, shelf: Shelf, template: str, body: Any, now: datetime, actor: str, carriers: Collection[str] = ()
) -> dict[str, Any]:
    """Keep a word on a version; `changed` is false when it stood so already. `carriers` are providers of ours."""
    told = read_body(WordBody, body)
    return await store.write(_say, shelf, template, told, now, actor, carriers)


def _say(
    session: Session, shelf: Shelf, template: str, told: WordBody, now: datetime, actor: str, carriers: Collection[str]
) -> dict[str, Any]:
    named = f"{template}.{told.channel}" if told.channel else template
    version = template_queries.version_on(session, shelf, told.pack, now)
    text = template_queries.named_version(shelf, version.hash, named, told.language, told.version)
    _check(told, text)
    _check_party(told, {*text.spec.providers, *shelf.texts.said_of(text), *carriers})
    known = _known_as(shelf, told, text)
    said = Said(text.template, text.language, text.hash, told.party, told.state, told.by, told.reason, **known)
    changed = approvals.say(session, said, now, actor)
    return {
        "template": text.template, "language": text.language, "version": text.hash, "party": told.party,
        "state": told.state.value, "changed": changed,
    }  # fmt: skip


def _known_as(shelf: Shelf, told: WordBody, text: Text) -> dict[str, Any]:
    """Sign, code and parameters: as told, else as the store has them, else as the pack says."""
    given = {"sign": told.sign, "code": told.code, "params": told.params}
    if told.party in frozenset(Party):
        return given
    stands = provider_text(text.spec, text.language, shelf.texts.said_of(text), told.party)
    known = {"sign": stands.sign or None, "code": stands.code or None, "params": dict(stands.params) or None}
    return known | {name: value for name, value in given.items() if value is not None}


def _check(told: WordBody, text: Text) -> None:
    """InvalidInput for a rejection without a reason, a post with a code, a parameter that the text cannot fill."""
    if told.state is ApprovalState.REJECTED and not told.reason:
        raise InvalidInput((field_error("reason", "required"),))
    if told.party in frozenset(Party) and (told.sign or told.code or told.params):
        raise InvalidInput((field_error("code", "unknown-field"),))
    for name, filled in (told.params or {}).items():
        if policies.parameter_problems(text.template, text.language, filled):
            raise InvalidInput((field_error(f"params/{name}", "unknown-value", allowed=_named(text)),))


def _check_party(told: WordBody, providers: Set[str]) -> None:
    """InvalidInput for a word of somebody who is neither a post nor a provider; a draft or a code names a new one."""
    posts = [party.value for party in Party]
    if told.party in (*posts, *providers) or told.state is ApprovalState.DRAFT or told.code:
        return
    allowed = ", ".join([*posts, *sorted(set(providers) - set(posts))])
    raise InvalidInput((field_error("party", "unknown-value", allowed=allowed),))


def _named(text: Text) -> str:
    return ", ".join(sorted(policies.variables_of(text.text)))


async def preview(
    store: Store, shelf: Shelf, template: str, journey: str, now: datetime, language: str | None
) -> dict[str, Any]:
    """A template for a home, by channel; what its item does not say yet is filled in and named in `assumed`."""
    tried: Tried = await store.read(template_queries.try_on, shelf, journey, template, now, language)
    assumed: set[str] = set()
    shown = [_by_channel(shelf, template, tried, channel, assumed) for channel in PREVIEWED]
    return {
        "template": template, "journey": journey, "language": tried.language, "from_item": tried.found,
        "channels": [each for each in shown if each], "assumed": sorted(assumed),
    }  # fmt: skip


def _by_channel(shelf: Shelf, template: str, tried: Tried, channel: str, assumed: set[str]) -> dict[str, Any] | None:
    text = shelf.texts.find(tried.pack_hash, tried.language, template, channel)
    if text is None:
        return None
    values = _values(tried, text, assumed)
    body, missing = _rendered(text.text, values)
    subject, missing_there = _rendered(text.subject, values) if text.subject else (_subject(text), None)
    signs = (dict(each) for each in text.spec.providers.values())
    sign = next((known.sign for each in signs for named, known in each.items() if named == text.language), "")
    parts = segments(body, sign) if channel == "sms" and body is not None else None
    price = shelf.texts.price(tried.pack_hash, channel)
    return {
        "channel": channel,
        "template": text.template,
        "version": text.hash,
        "subject": subject if channel == "email" else None,
        "text": body,
        "characters": length(body) if body is not None else None,
        "segments": parts,
        "price": price.of(parts or 1) if price and body is not None else None,
        "missing": sorted({each for each in (missing, missing_there) if each}),
        "lacks": {party: lack.value for party, lack in lacking(text.spec, shelf.texts.said_of(text), None).items()},
    }


def _values(tried: Tried, text: Text, assumed: set[str]) -> Mapping[str, Any]:
    """What the home's own item says; what it does not say is an ordinary owner's, unless there is an item."""
    own = worded(tried.variables, tried.language)
    if tried.found:
        return own
    usual = policies.usual(base_of(text.template), text.language)
    empty = {name for name, value in own.items() if value is None or value in ("", [])}
    assumed |= empty & policies.variables_of(text.text)
    return {**own, **{name: usual[name] for name in empty if name in usual}}


def _rendered(text: str, values: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """The text, or the variable that is missing."""
    try:
        return policies.render(text, values), None
    except policies.TemplateError as error:
        return None, error.variable or str(error)


def _subject(text: Text) -> str:
    return title(base_of(text.template), text.language)


async def ask_test(store: Store, shelf: Shelf, template: str, body: Any, now: datetime, actor: str) -> str:
    """Write down a test of a text for an owner that does not exist; its id."""
    told = read_body(TestBody, body)
    return await store.write(_ask, shelf, template, told, now, actor)


def _ask(session: Session, shelf: Shelf, template: str, told: TestBody, now: datetime, actor: str) -> str:
    version = template_queries.version_on(session, shelf, told.pack, now)
    template_queries.must_exist(shelf, version.hash, template)
    found = shelf.texts.find(version.hash, told.language, template, told.channel)
    named = found.template if found is not None else template
    text = template_queries.named_version(shelf, version.hash, named, told.language, told.version)
    new = NewTest(text, _content(shelf, text), told.channel, _address(told), told.by)
    return template_tests.ask(session, new, now, actor)


def _content(shelf: Shelf, text: Text) -> dict[str, Any]:
    """What leaves, marked as a test, and as each provider knows it. InvalidInput when it cannot be rendered."""
    values = policies.usual(base_of(text.template), text.language)
    said = shelf.texts.said_of(text)
    known = {name: provider_text(text.spec, text.language, said, name) for name in (*text.spec.providers, *said)}
    try:
        return {
            "subject": MARK + (policies.render(text.subject, values) if text.subject else _subject(text)),
            "body": MARK + policies.render(text.text, values),
            "known_as": {
                name: {
                    "sign": one.sign,
                    "code": one.code,
                    "params": {key: policies.render(expression(each), values) for key, each in one.params.items()},
                }
                for name, one in known.items()
                if one.code
            },
        }
    except policies.TemplateError as error:
        raise InvalidInput((field_error("template", "unknown-value", allowed=error.variable or "—"),)) from error


def _address(told: TestBody) -> str:
    """An address in its normal form, a phone number in E.164; InvalidInput for one that cannot be."""
    try:
        if told.channel in _PHONED:
            return read_phone(told.to)
        if told.channel == "email":
            return read_email(told.to)
    except PydanticCustomError as error:
        raise InvalidInput((field_error("to", error.type),)) from None
    if not _ACCOUNT.fullmatch(told.to):
        raise InvalidInput((field_error("to", "bad-text"),))
    return told.to


assert set(PREVIEWED) <= set(CHANNELS)
