"""Words on texts and versions of answers, on both engines: added one after the other, read as the last word of each."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from journey.domain.errors import Conflict
from journey.domain.wording import AnswerText, ApprovalState, Party, Words
from journey.store import answers, approvals
from journey.store.approvals import Said
from journey.store.engine import Store
from journey.store.tables import answer_versions, audit, template_approvals
from tests.journey.store.seeds import NOON

TEXT = Said("handover.notice", "zh", "ab" * 32, "legal", ApprovalState.SUBMITTED, "stf_1")
ANSWER = AnswerText(topic=Words(zh="车位", en="Parking"), text=Words(zh="以公示为准", en="As displayed"))


async def test_the_last_word_of_each_counts_and_all_of_them_are_kept(store: Store) -> None:
    known = replace(TEXT, party="aliyun", state=ApprovalState.DRAFT, sign="香年", code="S1", params={"a": "owner.name"})
    words = [
        TEXT, replace(TEXT, state=ApprovalState.APPROVED), known, replace(TEXT, party="aliyun"),
        replace(TEXT, party="aliyun", state=ApprovalState.REJECTED, reason="签名不符"),
        replace(TEXT, template="handover.notice.sms"),
    ]  # fmt: skip

    for one in words:
        assert await store.write(approvals.say, one, NOON, "key_1")
    last = (await store.read(approvals.opinions))["handover.notice", "zh", "ab" * 32]
    history = await store.read(approvals.history, "handover.notice")

    assert {party: opinion.state for party, opinion in last.items()} == {"legal": "approved", "aliyun": "rejected"}
    assert (last["aliyun"].sign, last["aliyun"].code, last["aliyun"].params) == ("香年", "S1", {"a": "owner.name"})
    assert len(history) == 6
    assert await store.read(lambda s: s.execute(select(func.count()).select_from(audit)).scalar()) == 6


async def test_what_stands_is_not_said_again_and_nothing_goes_back_by_the_way(store: Store) -> None:
    approved = replace(TEXT, state=ApprovalState.APPROVED)

    changed = [await store.write(approvals.say, approved, NOON, "key_1") for _ in range(2)]

    assert changed == [True, False]
    with pytest.raises(Conflict):
        await store.write(approvals.say, TEXT, NOON, "key_1")


async def test_the_same_word_of_many_at_once_is_kept_once(store: Store) -> None:
    changed = await asyncio.gather(*(store.write(approvals.say, TEXT, NOON, "key_1") for _ in range(8)))

    rows = await store.read(lambda s: s.execute(select(func.count()).select_from(template_approvals)).scalar())
    assert (sum(changed), rows) == (1, 1)


async def test_versions_of_an_answer_are_added_and_the_approved_one_holds(store: Store) -> None:
    newer = ANSWER.model_copy(update={"text": Words(zh="以合同为准", en="As agreed")})

    await store.write(answers.add, {}, "parking", ANSWER, by="stf_1", now=NOON, actor="key_1")
    await store.write(answers.approve, {}, "parking", Party.LEGAL, by="stf_2", now=NOON, actor="key_1")
    await asyncio.gather(
        *(store.write(answers.add, {}, "parking", newer, by="stf_1", now=NOON, actor="key_1") for _ in range(4))
    )

    (found,) = await store.read(answers.every, {})
    rows = await store.read(lambda s: s.execute(select(func.count()).select_from(answer_versions)).scalar())

    assert rows == 3
    assert (found.version, found.state, found.text.text.zh) == (1, "approved", "以公示为准")
