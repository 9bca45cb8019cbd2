"""Which version of a text goes out: what its post or provider has not approved keeps waiting, the old one goes on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import event, select

from journey.adapters.channels import UnknownOutcome
from journey.adapters.packs import loaded
from journey.domain.entries import State
from journey.domain.wording import ApprovalState, fingerprint
from journey.store import approvals
from journey.store.approvals import Said
from journey.store.engine import Store
from journey.store.shelf import publish_pack
from journey.store.tables import breakers, messages
from tests.activities.ground import Ground, ScriptedChannel, ground
from tests.packs import test_pack

MORNING = datetime(2026, 3, 2, 2, tzinfo=UTC)
WELCOME = "signing.keeper-welcome"
OLD = "您好{{ owner.name }},旧文本"
NEW = "您好{{ owner.name }},新文本"


def pack_of(text: str, spec: Mapping[str, Any] | None = None, **changes: Any) -> Any:
    """The built-in pack with another welcome, in both languages."""
    document = test_pack(**changes).document
    texts = {language: {**by, WELCOME: text} for language, by in document["templates"].items()}
    return loaded({**document, "templates": texts, "wording": {"templates": {WELCOME: spec} if spec else {}}})


async def published(at: Ground, pack: Any) -> None:
    """Publish it as the newest version of the pack."""
    await at.store.write(
        publish_pack, name="cn-residential", content_hash=pack.hash, document=pack.document, now=at.clock.instant
    )


async def said(at: Ground, text: str, state: str, party: str = "legal", **more: Any) -> None:
    """Somebody's word on the welcome in Chinese."""
    one = Said(WELCOME, "zh", fingerprint(text), party, ApprovalState(state), "stf_1", **more)
    await at.store.write(approvals.say, one, at.clock.instant, "key_1")


async def begun(store: Store, tmp_path: Path, *packs: Any, channel: ScriptedChannel | None = None) -> Ground:
    """A home whose welcome is due, under packs that were published one after the other."""
    at = await ground(store, tmp_path, MORNING, channel)
    for one in packs:
        await published(at, one)
    await at.start()
    return at


async def test_a_new_text_that_its_post_has_not_approved_keeps_the_old_one_going(
    store_sqlite: Store, tmp_path: Path
) -> None:
    at = await begun(store_sqlite, tmp_path, pack_of(OLD), pack_of(NEW, {"approvals": ["legal"]}))

    await at.send(WELCOME)

    assert [one.body for one in at.channel.calls] == ["您好张伟,旧文本"]


async def test_once_it_is_approved_the_new_text_goes_out(store_sqlite: Store, tmp_path: Path) -> None:
    at = await begun(store_sqlite, tmp_path, pack_of(OLD), pack_of(NEW, {"approvals": ["legal"]}))
    await said(at, NEW, "submitted")
    await said(at, NEW, "approved")

    await at.send(WELCOME)

    assert [one.body for one in at.channel.calls] == ["您好张伟,新文本"]


async def test_a_text_taken_back_by_its_post_makes_room_for_the_one_before(store_sqlite: Store, tmp_path: Path) -> None:
    at = await begun(store_sqlite, tmp_path, pack_of(OLD), pack_of(NEW))
    await said(at, NEW, "rejected", reason="口径有误")

    await at.send(WELCOME)

    assert [one.body for one in at.channel.calls] == ["您好张伟,旧文本"]


async def test_the_same_text_is_not_let_through_by_an_older_pack_that_asked_nobody(
    store_sqlite: Store, tmp_path: Path
) -> None:
    first = pack_of(NEW, {"label": {"zh": "欢迎", "en": "Welcome"}}, effective_from="2026-01-01")
    at = await begun(store_sqlite, tmp_path, first, pack_of(NEW, {"approvals": ["legal"]}, effective_from="2026-01-02"))

    await at.send(WELCOME)

    assert [one.body for one in at.channel.calls if "新文本" in one.body] == []


async def test_without_any_approved_version_it_is_held_and_goes_out_once_approved(
    store_sqlite: Store, tmp_path: Path
) -> None:
    channel = ScriptedChannel(provider="aliyun", needs_template=True)
    at = await begun(store_sqlite, tmp_path, pack_of(NEW), channel=channel)

    await at.send(WELCOME)
    held = await at.entry(WELCOME)
    await said(at, NEW, "draft", "aliyun", sign="香年", code="SMS_1", params={"name": "owner.name"})
    await said(at, NEW, "submitted", "aliyun")
    await said(at, NEW, "approved", "aliyun")
    assert held.until is not None
    at.clock.instant = held.until
    await at.send(WELCOME)

    assert (held.state, held.reason and held.reason.code) == (State.HELD, "template-not-approved")
    (call,) = at.channel.calls
    assert call.approved is not None
    assert (call.approved.sign, call.approved.code, dict(call.approved.params)) == ("香年", "SMS_1", {"name": "张伟"})


async def test_what_one_channel_may_not_say_yet_goes_by_the_next_and_is_no_fault_of_a_provider(
    store_sqlite: Store, tmp_path: Path
) -> None:
    at = await ground(store_sqlite, tmp_path, MORNING, ScriptedChannel(provider="aliyun", needs_template=True))
    await published(at, pack_of(NEW))
    await at.start(owners=[{"ref": "zw", "name": "张伟", "phone": "13800138000", "email": "zw@example.com"}])

    await at.send(WELCOME)

    assert await at.outbox() == [("sent", "email")]
    decision = await at.store.read(lambda s: s.execute(select(messages.c.decision)).scalar())
    assert decision is not None
    assert decision["order"][0] == ["sms", "template-not-approved", "aliyun"]
    assert await at.store.read(lambda s: s.execute(select(breakers)).all()) == []


async def test_what_may_have_gone_out_before_its_approval_was_taken_back_stays_a_doubt(
    store_sqlite: Store, tmp_path: Path
) -> None:
    channel = ScriptedChannel(provider="aliyun", needs_template=True, failures=[UnknownOutcome("cut")])
    at = await begun(store_sqlite, tmp_path, pack_of(NEW), channel=channel)
    await said(at, NEW, "approved", "aliyun", code="SMS_1")
    await at.send(WELCOME)
    await said(at, NEW, "rejected", "aliyun", reason="停用")
    entry = await at.entry(WELCOME)
    assert entry.until is not None
    at.clock.instant = entry.until

    await at.send(WELCOME)

    assert (await at.entry(WELCOME)).state is State.UNKNOWN
    assert len(at.channel.calls) == 1


async def test_the_version_that_an_owner_reads_is_on_record(store_sqlite: Store, tmp_path: Path) -> None:
    at = await begun(store_sqlite, tmp_path, pack_of(OLD), pack_of(NEW, {"approvals": ["legal"]}))

    await at.send(WELCOME)

    kept = await at.store.read(lambda s: s.execute(select(messages.c.text_hash)).scalar())
    assert kept == fingerprint(OLD)


async def test_the_mapping_of_the_pack_holds_until_the_store_knows_better(store_sqlite: Store, tmp_path: Path) -> None:
    known = {"sign": "香年", "code": "SMS_2", "params": {"who": "owner.name", "home": "unit.code"}}
    spec = {"providers": {"aliyun": {"zh": known, "en": known}}}
    channel = ScriptedChannel(provider="aliyun", needs_template=True)
    at = await begun(store_sqlite, tmp_path, pack_of(NEW, spec), channel=channel)
    await said(at, NEW, "approved", "aliyun", code="SMS_2", params=known["params"])

    await at.send(WELCOME)

    (call,) = at.channel.calls
    assert call.approved is not None
    assert dict(call.approved.params) == {"who": "张伟", "home": "3-1-1202"}


async def test_a_channel_may_have_a_shorter_text_and_an_email_a_subject(store_sqlite: Store, tmp_path: Path) -> None:
    subject = {"zh": "欢迎{{ owner.name }}", "en": "Welcome {{ owner.name }}"}
    document = pack_of(OLD, {"subject": subject}).document
    texts = {lang: {**by, f"{WELCOME}.sms": "短:{{ owner.name }}"} for lang, by in document["templates"].items()}
    short = loaded({**document, "templates": texts})
    at = await begun(store_sqlite, tmp_path, short)
    courier, row = at.messaging._courier, {"pack_hash": short.hash, "language": "zh", "template": WELCOME}
    await at.send(WELCOME)

    mailed = courier._site.shelf.texts.active(row["pack_hash"], "zh", WELCOME, "email", None)

    assert [one.body for one in at.channel.calls] == ["短:张伟"]
    assert getattr(mailed, "text", None) is not None
    assert (mailed.text.template, mailed.text.subject) == (WELCOME, "欢迎{{ owner.name }}")  # type: ignore[union-attr]


async def test_deciding_on_a_text_costs_a_send_no_statement(store_sqlite: Store, tmp_path: Path) -> None:
    at = await begun(store_sqlite, tmp_path, pack_of(OLD), pack_of(NEW, {"approvals": ["legal"]}))
    await said(at, NEW, "approved")
    move = await at.move(WELCOME)
    shelf = at.site.shelf
    await store_sqlite.read(shelf.history, "cn-residential")
    asked: list[str] = []

    def note(_c: Any, _k: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    event.listen(store_sqlite._write_engine, "before_cursor_execute", note)
    try:
        await at.send(WELCOME, move=move)
    finally:
        event.remove(store_sqlite._write_engine, "before_cursor_execute", note)

    about = [one for one in asked if "template_approvals" in one]
    assert len(about) == 1
    assert "packs" in about[0]  # the question for the newest pack, which is asked anyway
