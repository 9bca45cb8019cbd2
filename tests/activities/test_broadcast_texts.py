"""Texts of a broadcast: one that fails for somebody fails for nobody else, one that is not approved waits."""

from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlalchemy import select

from journey.adapters.packs import loaded
from journey.domain.rules import NOTICE
from journey.domain.values import MessageClass
from journey.domain.wording import ApprovalState, fingerprint
from journey.store import approvals
from journey.store.approvals import Said
from journey.store.engine import Store
from journey.store.shelf import publish_pack
from journey.store.tables import entries
from tests.activities.broadcast_ground import MOON, Announcer
from tests.activities.ground import ground
from tests.packs import test_pack
from tests.records import instant

BEFORE = instant("2026-09-01 10:00")
FEAST = instant("2026-09-25 09:00")


@pytest_asyncio.fixture
async def project(store_sqlite: Store, tmp_path: Path) -> Announcer:
    """The project XN without homes."""
    return Announcer(await ground(store_sqlite, tmp_path, BEFORE))


async def publish(project: Announcer, text: str, **spec: Any) -> None:
    """A version of the pack with another greeting; no lint looked at it."""
    document = test_pack().document
    texts = {language: {**by, MOON: text} for language, by in document["templates"].items()}
    pack = loaded({**document, "templates": texts, "wording": {"templates": {MOON: spec}}})
    await project.ground.store.write(
        publish_pack, name="cn-residential", content_hash=pack.hash, document=pack.document, now=BEFORE
    )


async def test_a_text_that_cannot_be_rendered_for_one_owner_fails_for_him_alone(project: Announcer) -> None:
    names = {"{{ 7*7 }}": "a", "王😀": "b", "短": "c", "{% x": "d"}
    for name, ref in names.items():
        await project.home(f"3-1-{ref}", ref, name=name)
    # It divides by what is left of a name of one character.
    await publish(project, "{{ owner.name }}{{ 6 // ((owner.name | length) - 1) }}")
    project.at(FEAST)

    broadcast = await project.moon()
    await project.run(broadcast)

    assert await project.recipients(broadcast) == {"a": "sent", "b": "sent", "c": "failed", "d": "sent"}
    assert await project.states("3-1-c") == [("failed", "template")]
    assert {one.body for one in project.channel.calls} == {"{{ 7*7 }}0", "王😀6", "{% x2"}


async def test_a_broadcast_goes_on_with_the_old_text_until_the_new_one_is_approved(project: Announcer) -> None:
    for number in range(3):
        await project.home(f"3-1-{number}")
    await publish(project, "旧文本")
    await publish(project, "新文本", approvals=["legal"])
    project.at(FEAST)
    project.page = 2
    broadcast = await project.moon()

    await project.take(broadcast)
    for state in (ApprovalState.SUBMITTED, ApprovalState.APPROVED):
        said = Said(MOON, "zh", fingerprint("新文本"), "legal", state, "stf_1")
        await project.ground.store.write(approvals.say, said, FEAST, "key_1")
    await project.take(broadcast)

    assert [one.body for one in project.channel.calls] == ["旧文本", "旧文本", "新文本"]


async def test_nobody_gets_a_text_that_no_version_of_which_may_go_and_all_get_it_later(project: Announcer) -> None:
    await project.home("3-1-1")
    project.channel.provider, project.channel.needs_template = "aliyun", True
    project.at(FEAST)
    broadcast = await project.moon()

    (page, *_) = await project.run(broadcast, wait=False)
    waiting = await project.states("3-1-1")
    text = project.ground.site.shelf.texts.find((await newest(project)), "zh", MOON)
    assert text is not None
    said = Said(MOON, "zh", text.hash, "aliyun", ApprovalState.APPROVED, "stf_1", code="S1")
    await project.ground.store.write(approvals.say, said, FEAST, "key_1")
    await project.run(broadcast)

    assert page.sent == 0
    assert waiting == [("held", "template-not-approved")]
    assert await project.states("3-1-1") == [("sent", None)]


async def newest(project: Announcer) -> str:
    """The hash of the newest version of the pack."""
    history = await project.ground.store.read(project.ground.site.shelf.history, "cn-residential")
    return history.versions[-1].hash


async def test_words_of_an_editor_go_out_as_they_are_in_the_readers_language(project: Announcer) -> None:
    await project.home("3-1-1", "zw")
    await project.home("3-1-2", "lf", language="en")
    words = {"zh": "周六停水 {{ 7*7 }}", "en": "Water is off on Saturday"}

    broadcast = await project.news(
        rule=NOTICE, message_class=MessageClass.CARE, params={"template": NOTICE, "words": words}
    )
    await project.run(broadcast)

    assert {one.body for one in project.channel.calls} == {
        "【香年】周六停水 {{ 7*7 }}",
        "香年: Water is off on Saturday",
    }
    items = await project.ground.store.read(lambda session: list(session.execute(select(entries.c.item)).scalars()))
    assert not any("停水" in str(item) or "Water" in str(item) for item in items)
