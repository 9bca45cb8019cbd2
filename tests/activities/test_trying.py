"""A test of a text: once, marked, to nobody who is an owner, and in no cap."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from temporalio.testing import ActivityEnvironment

from activities.trying import TryingActivities
from journey.adapters.channels import Gateway, PermanentFailure, TemporaryFailure, UnknownOutcome
from journey.contracts.trying import TrySend
from journey.domain.receipts import Receipt
from journey.domain.values import ReceiptState
from journey.store import receipts, tables, template_tests
from journey.store.engine import Store
from journey.store.hooks import Hook
from journey.store.receipts import Call, Kept
from starter import templates
from tests.activities.ground import Ground, ScriptedChannel, ground

MORNING = datetime(2026, 3, 2, 2, tzinfo=UTC)
WELCOME = "signing.keeper-welcome"


async def asked(at: Ground, **more: Any) -> str:
    """A test to a colleague's phone."""
    body = {"channel": "sms", "to": "13900139000", "by": "stf_1"} | more
    return await templates.ask_test(at.store, at.site.shelf, WELCOME, body, MORNING, "key_1")


async def sent(at: Ground, test: str) -> str:
    """What the activity says of it."""
    activities = TryingActivities(at.site, Gateway([at.channel]))
    return (await ActivityEnvironment().run(activities.send, TrySend(test=test))).state


async def row_of(at: Ground, test: str) -> Mapping[str, Any]:
    """The test as it stands."""
    return await at.store.read(template_tests.test_view, test)


async def test_a_test_goes_once_marked_and_leaves_no_message_and_no_address(
    store_sqlite: Store, tmp_path: Path
) -> None:
    at = await ground(store_sqlite, tmp_path, MORNING)
    test = await asked(at)

    states = [await sent(at, test), await sent(at, test)]

    (call,) = at.channel.calls
    messages = await at.store.read(lambda s: s.execute(select(func.count()).select_from(tables.messages)).scalar())
    kept = await at.store.read(template_tests._row, test)
    assert states == ["sent", "ended"]
    assert call.body.startswith("【测试】")
    assert (call.to, call.key, call.metadata["class"]) == ("+8613900139000", f"template-test/{test}", "internal")
    assert messages == 0
    assert kept is not None
    assert (kept.address, kept.state, kept.provider) == (None, "sent", "scripted")


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (PermanentFailure("bad-number"), "failed"),
        (TemporaryFailure("down"), "failed"),
        (UnknownOutcome("cut"), "unknown"),
    ],
)
async def test_a_doubt_stays_a_doubt_and_nothing_is_tried_again(
    store_sqlite: Store, tmp_path: Path, failure: Exception, state: str
) -> None:
    at = await ground(store_sqlite, tmp_path, MORNING, ScriptedChannel(failures=[failure]))
    test = await asked(at)

    states = [await sent(at, test), await sent(at, test)]

    assert states == [state, "ended"]
    assert len(at.channel.calls) == 1


async def test_an_attempt_after_a_killed_one_asks_only_a_provider_that_takes_keys(
    store_sqlite: Store, tmp_path: Path
) -> None:
    at = await ground(store_sqlite, tmp_path, MORNING, ScriptedChannel(dies=1))
    test = await asked(at)
    with pytest.raises(SystemError):
        await sent(at, test)
    at.channel.takes_keys = False

    assert await sent(at, test) == "unknown"
    assert len(at.channel.calls) == 1


async def test_an_address_that_has_become_an_owners_is_not_sent_to(store_sqlite: Store, tmp_path: Path) -> None:
    at = await ground(store_sqlite, tmp_path, MORNING)
    test = await asked(at, to="13800138000")
    await at.start()

    state = await sent(at, test)

    assert (state, at.channel.calls) == ("ended", [])
    assert (await row_of(at, test))["reason"] == "not-a-test-address"


async def test_a_provider_that_needs_its_template_gets_it_with_made_up_values(
    store_sqlite: Store, tmp_path: Path
) -> None:
    at = await ground(store_sqlite, tmp_path, MORNING, ScriptedChannel(provider="aliyun", needs_template=True))
    told: dict[str, Any] = {
        "language": "zh",
        "party": "aliyun",
        "state": "draft",
        "by": "stf_1",
        "code": "SMS_1",
        "sign": "香年",
    }
    told |= {"params": {"name": "owner.name", "home": "unit.code"}}
    await templates.say(at.store, at.site.shelf, WELCOME, told, MORNING, "key_1")

    await sent(at, await asked(at))

    (call,) = at.channel.calls
    assert call.approved is not None
    assert (call.approved.code, dict(call.approved.params)) == ("SMS_1", {"name": "张伟", "home": "3-1-1202"})


@pytest.mark.parametrize("named", ["provider_id", "named", "key"])
async def test_a_receipt_says_how_a_test_came_out_and_is_nobodys_no_longer(
    store: Store, tmp_path: Path, named: str
) -> None:
    at = await ground(store, tmp_path, MORNING)
    test = await asked(at)
    name: dict[str, Any] = {named: {"provider_id": "p-1", "named": test, "key": f"template-test/{test}"}[named]}
    early = await heard(at, Receipt(ReceiptState.DELIVERED, MORNING, "scripted", **name), "early")
    await sent(at, test)

    later = await store.write(receipts.catch_up, MORNING, MORNING + timedelta(minutes=1), 500)
    again = await heard(at, Receipt(ReceiptState.READ, MORNING, "scripted", **name), "again")
    other = await heard(at, Receipt(ReceiptState.FAILED, MORNING, "another", provider_id="p-1"), "other")

    assert [one.outcomes for one in (early, later, again)] == [{"waiting": 1}, {"test": 1}, {"test": 1}]
    assert other.outcomes == {"waiting": 1}
    assert (await row_of(at, test))["state"] == "delivered"


async def test_a_test_that_the_carrier_gave_back_has_failed(store_sqlite: Store, tmp_path: Path) -> None:
    at = await ground(store_sqlite, tmp_path, MORNING)
    test = await asked(at)
    await sent(at, test)

    await heard(at, Receipt(ReceiptState.FAILED, MORNING, "scripted", provider_id="p-1", code="E1"), "back")

    shown = await row_of(at, test)
    assert (shown["state"], shown["reason"]) == ("failed", "given-back")


async def heard(at: Ground, receipt: Receipt, call: str) -> Kept:
    """What became of a receipt that came through a door."""
    hook = Hook("carrier", "receipts", "standard", "scripted", None, MORNING, None, ())
    return await at.store.write(receipts.keep, Call(hook, call, "0" * 64), [receipt], MORNING, MORNING)
