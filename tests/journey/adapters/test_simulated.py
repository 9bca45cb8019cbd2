"""The simulated channels: one message per key, a line per call, no half files, readable by the owner only."""

import asyncio
import errno
import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from journey.adapters.channels import Channel, Gateway, Outgoing, PermanentFailure, TemporaryFailure
from journey.adapters.simulated import MemoryChannel, Outage, SimulatedChannel

NOVEMBER = datetime(2026, 11, 30, 15, 59, tzinfo=UTC)
WELCOME = Outgoing(
    key="signing.keeper-welcome/ep_1/once/psn_1",
    channel="sms",
    to="+8613800138000",
    subject="欢迎",
    body="【香年】尊敬的张伟,感谢您认购3-1-1202。",
    language="zh",
    message_id="msg_1",
    metadata={"template": "signing.keeper-welcome"},
)
FILE = f"{sha256(WELCOME.key.encode()).hexdigest()[:24]}.json"
# Sends without end, as fast as it can, until it is killed.
SENDER = """
import asyncio, sys
from pathlib import Path
from journey.adapters.channels import Outgoing
from journey.adapters.simulated import SimulatedChannel

async def main():
    channel = SimulatedChannel("sms", Path(sys.argv[1]))
    print("ready", flush=True)
    for n in range(10**6):
        key = f"key-{n}"
        await channel.deliver(
            Outgoing(key=key, channel="sms", to="1", body="x" * 20000, language="zh", message_id=key)
        )

asyncio.run(main())
"""


class SettableClock:
    """A clock that stands where it was set."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    async def now(self) -> datetime:
        return self.instant


def _calls(outbox: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (outbox / "calls.log").read_text(encoding="utf-8").splitlines()]


def _months(outbox: Path) -> list[str]:
    return [path.parent.name for path in outbox.glob("*/*.json")]


async def test_a_message_stands_in_the_folder_of_its_month(tmp_path: Path) -> None:
    channel = SimulatedChannel("sms", tmp_path / "outbox", clock=SettableClock(NOVEMBER).now)

    delivery = await channel.deliver(WELCOME)

    written = json.loads((tmp_path / "outbox" / "2026-11" / FILE).read_text(encoding="utf-8"))
    assert written == {
        **WELCOME.model_dump(mode="json"),
        "provider_id": delivery.provider_id,
        "at": "2026-11-30T15:59:00+00:00",
    }
    assert delivery.state == "sent"


async def test_a_second_call_with_the_same_key_writes_a_line_and_no_message(tmp_path: Path) -> None:
    channel = SimulatedChannel("sms", tmp_path, clock=SettableClock(NOVEMBER).now)

    first = await channel.deliver(WELCOME)
    second = await channel.deliver(WELCOME.model_copy(update={"body": "changed"}))

    assert second == first
    assert json.loads((tmp_path / "2026-11" / FILE).read_text(encoding="utf-8"))["body"] == WELCOME.body
    assert [call["message_id"] for call in _calls(tmp_path)] == ["msg_1", "msg_1"]


async def test_a_retry_after_the_turn_of_the_month_finds_the_first_message(tmp_path: Path) -> None:
    clock = SettableClock(NOVEMBER)
    channel = SimulatedChannel("sms", tmp_path, clock=clock.now)
    await channel.deliver(WELCOME)

    clock.instant += timedelta(days=1)
    await channel.deliver(WELCOME)

    assert _months(tmp_path) == ["2026-11"]


async def test_many_callers_with_one_key_send_once(tmp_path: Path) -> None:
    channels = [SimulatedChannel("sms", tmp_path, clock=SettableClock(NOVEMBER).now) for _ in range(20)]

    deliveries = await asyncio.gather(*(channel.deliver(WELCOME) for channel in channels))

    assert len({delivery.provider_id for delivery in deliveries}) == 1
    assert [path.name for path in (tmp_path / "2026-11").iterdir()] == [FILE]
    assert len(_calls(tmp_path)) == 20


async def test_the_log_of_calls_holds_no_personal_data_and_no_plain_key(tmp_path: Path) -> None:
    await SimulatedChannel("sms", tmp_path, clock=SettableClock(NOVEMBER).now).deliver(WELCOME)

    assert _calls(tmp_path) == [
        {"key": FILE.removesuffix(".json"), "message_id": "msg_1", "at": "2026-11-30T15:59:00+00:00"}
    ]


async def test_only_the_owner_may_read_the_outbox(tmp_path: Path) -> None:
    outbox = tmp_path / "outbox"
    before = os.umask(0)

    try:
        await SimulatedChannel("sms", outbox, clock=SettableClock(NOVEMBER).now).deliver(WELCOME)
    finally:
        os.umask(before)

    folders = [outbox, outbox / "2026-11"]
    files = [outbox / "calls.log", outbox / "2026-11" / FILE]
    assert [path.stat().st_mode & 0o777 for path in folders] == [0o700] * 2
    assert [path.stat().st_mode & 0o777 for path in files] == [0o600] * 2


async def test_a_full_disk_is_told_apart_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(source: str, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)

    with pytest.raises(TemporaryFailure) as caught:
        await SimulatedChannel("sms", tmp_path, clock=SettableClock(NOVEMBER).now).deliver(WELCOME)

    assert caught.value.error == "disk-full"
    assert list((tmp_path / "2026-11").iterdir()) == []


async def test_a_folder_that_cannot_be_written_may_be_tried_again(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file stands in its place")

    with pytest.raises(TemporaryFailure) as caught:
        await SimulatedChannel("sms", tmp_path / "outbox").deliver(WELCOME)

    assert caught.value.error == "outbox-unwritable"


def test_a_killed_sender_leaves_whole_messages_only(tmp_path: Path) -> None:
    sender = subprocess.Popen([sys.executable, "-c", SENDER, str(tmp_path)], stdout=subprocess.PIPE)
    assert sender.stdout is not None

    with sender.stdout:
        sender.stdout.readline()
        while len(list(tmp_path.glob("*/*.json"))) < 20:
            assert sender.poll() is None
        sender.send_signal(signal.SIGKILL)
        sender.wait()

    written = [json.loads(path.read_text(encoding="utf-8")) for path in tmp_path.glob("*/*.json")]
    assert all(len(message["body"]) == 20_000 for message in written)
    assert len(_calls(tmp_path)) >= len(written)


@pytest.mark.parametrize("kind", ["folder", "memory"])
async def test_a_provider_is_down_from_the_first_instant_until_just_before_the_last(tmp_path: Path, kind: str) -> None:
    clock = SettableClock(NOVEMBER)
    outages = [Outage(down_from=NOVEMBER, down_to=NOVEMBER + timedelta(hours=1))]
    channel: Channel = MemoryChannel("sms", clock=clock.now, outages=outages)
    if kind == "folder":
        channel = SimulatedChannel("sms", tmp_path, clock=clock.now, outages=outages)

    with pytest.raises(TemporaryFailure) as caught:
        await channel.deliver(WELCOME)
    clock.instant = outages[0].down_to
    delivery = await channel.deliver(WELCOME)

    assert caught.value.error == "provider-down"
    assert delivery.state == "sent"


def test_an_outage_is_read_from_a_scenario_file() -> None:
    row = {"down_from": "2026-11-30T08:00:00+08:00", "down_to": "2026-11-30T10:00:00+08:00"}

    assert Outage.model_validate(row).down_from == datetime(2026, 11, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "row",
    [
        {"down_from": "2026-11-30T08:00:00", "down_to": "2026-11-30T10:00:00"},
        {"down_from": "2026-11-30T10:00:00+08:00", "down_to": "2026-11-30T08:00:00+08:00"},
    ],
    ids=["no zone", "ends before it begins"],
)
def test_an_impossible_outage_is_refused(row: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        Outage.model_validate(row)


async def test_the_memory_keeps_the_first_message_of_a_key_and_every_call() -> None:
    channel = MemoryChannel("sms")

    first = await channel.deliver(WELCOME)
    second = await channel.deliver(WELCOME.model_copy(update={"body": "changed"}))

    assert second == first
    assert channel.sent == {WELCOME.key: WELCOME}
    assert len(channel.calls) == 2


async def test_the_gateway_sends_by_the_channel_that_a_message_names() -> None:
    sms, email = MemoryChannel("sms"), MemoryChannel("email")
    gateway = Gateway([sms, email], simulated=[])

    await gateway.deliver(WELCOME)

    assert list(sms.sent) == [WELCOME.key]
    assert email.sent == {}
    assert gateway.channel("sms") is sms


async def test_a_channel_that_is_not_installed_is_a_permanent_failure() -> None:
    gateway = Gateway([MemoryChannel("email")], simulated=[])

    with pytest.raises(PermanentFailure) as caught:
        await gateway.deliver(WELCOME)

    assert caught.value.error == "no-channel"


def test_two_channels_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="two channels are named sms"):
        Gateway([MemoryChannel("sms"), MemoryChannel("sms")], simulated=[])


def test_a_printed_message_shows_nothing_personal() -> None:
    shown = repr(WELCOME)

    assert "138" not in shown
    assert "张伟" not in shown
    assert "欢迎" not in shown


@pytest.mark.parametrize(
    ("channel", "text", "parts"), [("sms", "短" * 70, 1), ("sms", "短" * 71, 2), ("email", "x", None)]
)
async def test_a_simulated_sms_has_its_parts_and_no_cost(
    tmp_path: Path, channel: str, text: str, parts: int | None
) -> None:
    outgoing = WELCOME.model_copy(update={"channel": channel, "body": text})

    for one in (SimulatedChannel(channel, tmp_path), MemoryChannel(channel)):
        delivery = await one.deliver(outgoing)

        assert (delivery.segments, delivery.cost) == (parts, None)
