"""Each message in the state that people see, with why; those that were never begun; and the history of one."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from journey.domain.errors import NotFound
from journey.store.engine import Store
from journey.store.message_queries import list_messages, message_view
from journey.store.tables import entries, events, messages, receipts
from tests.journey.store.seeds import NOON, WELCOME, item, seed_work

NOTICE = "handover.notice/ep_1/once"
LATER = NOON + timedelta(hours=1)


def become(session: Session, /, **changes: Any) -> None:
    session.execute(update(messages).where(messages.c.id == "msg_1").values(**changes))


def keep_back(session: Session, state: str, code: str) -> None:
    """A notice that was never begun."""
    session.execute(
        insert(entries).values(
            scope="journey", scope_id="jrn_1", key=NOTICE, state=state, at=LATER, due=NOON, steps=[],
            reason={"code": code, "params": {"until": "8:00", "purpose": "contract"}},
            item=item(NOTICE, "notice", NOON), pack_hash="p", calendar_hash="c", tries=0, attempts=0,
        )
    )  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({"state": "reserved"}, "planned"),
        ({"state": "sent"}, "sent"),
        ({"state": "sent", "failed_at": LATER}, "failed"),
        ({"state": "delivered"}, "delivered"),
        ({"state": "delivered", "read_at": LATER}, "read"),
        ({"state": "delivered", "read_at": LATER, "replied_at": LATER}, "replied"),
        ({"state": "delivered", "failed_at": LATER}, "delivered"),
        ({"state": "failed"}, "failed"),
        ({"state": "unknown"}, "unknown"),
        ({"state": "served"}, "served"),
    ],
)
async def test_a_message_is_found_by_the_state_that_is_shown_and_by_no_other(
    store: Store, changes: dict[str, Any], shown: str
) -> None:
    await store.write(seed_work)
    await store.write(become, **changes)

    (one,) = [row for row in (await store.read(list_messages)).data if row["id"] == "msg_1"]
    found = {
        state: [row["id"] for row in (await store.read(list_messages, state=state)).data]
        for state in ("planned", "held", "sent", "delivered", "read", "replied", "served", "failed", "unknown")
    }

    assert one["state"] == shown
    assert [state for state, ids in found.items() if "msg_1" in ids] == [shown]


async def test_a_send_whose_provider_is_away_is_held(store: Store) -> None:
    await store.write(seed_work)
    await store.write(become, state="failed", reason={"code": "provider-away", "params": {"error": "http-503"}})
    held = update(entries).where(entries.c.key == WELCOME).values(state="held", reason=None)
    await store.write(lambda session: session.execute(held) and None)

    rows = (await store.read(list_messages, state="held")).data

    assert [(row["id"], row["state"], row["reason"]["text"]) for row in rows] == [
        ("msg_1", "held", "服务商暂不可用(http-503)")
    ]
    waits = held.values(reason={"code": "paused-by-hold", "params": {}})
    await store.write(lambda session: session.execute(waits) and None)
    (now,) = (await store.read(list_messages, state="held")).data
    assert now["reason"]["code"] == "paused-by-hold"  # why it waits, not why an attempt before failed
    assert not (await store.read(list_messages, state="failed")).data


@pytest.mark.parametrize(
    ("state", "code", "shown"),
    [
        ("held", "quiet-hours", "held"), ("suppressed", "no-consent", "skipped"),
        ("missed", "window-closed", "skipped"), ("failed", "invalid-address", "failed"),
        ("unknown", "not-asked", "unknown"),
    ],
)  # fmt: skip
async def test_what_was_never_begun_stands_among_them_with_its_reason(
    store: Store, state: str, code: str, shown: str
) -> None:
    await store.write(seed_work)
    await store.write(keep_back, state, code)

    of_home = (await store.read(list_messages, journey="jrn_1")).data
    by_state = (await store.read(list_messages, state=shown, lang="en")).data
    first = await store.read(list_messages, journey="jrn_1", limit=1)
    rest = await store.read(list_messages, journey="jrn_1", limit=10, cursor=first.next_cursor)

    assert (of_home[0]["entry"], of_home[0]["state"]) == (NOTICE, shown)
    assert [(row["entry"], row["reason"]["code"]) for row in by_state] == [(NOTICE, code)]
    assert [*first.data, *rest.data] == of_home
    one = await store.read(message_view, of_home[0]["id"])
    assert one["asked"]["pack"] == "p"


async def test_the_history_of_one_has_its_receipts_cost_and_decision_and_the_words_only_for_who_may(
    store: Store,
) -> None:
    await store.write(seed_work)
    await store.write(become, cost=450, currency="CNY", segments=2, provider="aliyun")
    receipt = {"id": "rcp_1", "source": "sms", "call": "c", "digest": "d", "provider": "aliyun", "state": "delivered"}
    moments = {"at": NOON, "received_at": LATER, "outcome": "applied", "tries": 1, "message_id": "msg_1"}
    told = {"target": "jrn_1", "journey_id": "jrn_1", "source": "s", "source_id": "r", "type": "message.replied"}
    said = told | {"id": "evt_r", "occurred_at": LATER, "recorded_at": LATER, "digest": "d", "verdict": "applied"}
    said["data"] = {"text": "几点开门", "message": "msg_1"}
    await store.write(lambda session: session.execute(insert(receipts).values(**receipt, **moments)) and None)
    await store.write(lambda session: session.execute(insert(events).values(**said)) and None)

    masked = await store.read(message_view, "msg_1")
    full = await store.read(message_view, "msg_1", words=True)

    assert (masked["segments"], masked["cost"]) == (2, {"amount": "0.045", "currency": "CNY"})
    assert [(one["state"], one["outcome"]) for one in masked["receipts"]] == [("delivered", "applied")]
    assert [one["text"] for one in (*masked["answers"], *full["answers"])] == [None, "几点开门"]
    assert masked["asked"]["class"] == "contract"
    assert masked["history"][0]["code"] == "entry.sent"


@pytest.mark.parametrize("ident", ["msg_9", "ent_9999", "ent_x", ""])
async def test_an_unknown_message_is_not_found(store: Store, ident: str) -> None:
    await store.write(seed_work)

    with pytest.raises(NotFound):
        await store.read(message_view, ident)
