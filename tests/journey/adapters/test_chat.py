"""Chats of staff: what is said names nobody, goes to the group of the post, and holds nobody up."""

import asyncio
import io
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import SecretStr

from journey.adapters.chat import MOST_WAITING, ChatNotice, Sender, TaskLine, apprise_sender
from tests.journey.adapters.misbehaving import answers, provider

LINE = TaskLine(
    "tsk_1", "signing.service-callback", "XN", "3-1-1202", datetime(2026, 6, 1, 10, tzinfo=UTC), "Asia/Shanghai"
)


class Heard:
    """Keeps what was sent."""

    def __init__(self, answer: bool | Exception = True, pause: float = 0) -> None:
        self.sent: list[tuple[tuple[str, ...], str]] = []
        self.answer, self.pause = answer, pause

    def __call__(self, urls: Sequence[str], text: str) -> bool:
        time.sleep(self.pause)
        self.sent.append((tuple(urls), text))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def chat(send: Sender, line: TaskLine | None = LINE, **options: Any) -> ChatNotice:
    async def look(_: str) -> TaskLine | None:
        return line

    groups = {"keeper": [SecretStr("json://keeper")], "default": [SecretStr("json://all"), SecretStr("json://two")]}
    return ChatNotice(groups, look, send=send, **options)


async def test_a_post_with_a_group_is_told_there_and_any_other_in_the_common_one() -> None:
    heard = Heard()
    notice = chat(heard)

    await notice.task_changed("tsk_1", what="opened", role="keeper")
    await notice.task_changed("tsk_1", what="escalated", role="general-manager")
    await notice.settled()

    assert sorted(urls for urls, _ in heard.sent) == [("json://all", "json://two"), ("json://keeper",)]


async def test_a_line_tells_item_home_due_and_task() -> None:
    zh, en = Heard(), Heard()
    for heard, language in ((zh, "zh"), (en, "en")):
        notice = chat(heard, language=language)
        await notice.task_changed("tsk_1", what="escalated", role="keeper")
        await notice.settled()

    assert zh.sent[0][1] == "[已升级] 签约服务回访 · XN · 3-1-1202 · 截止 2026-06-01 18:00 · 管家 · tsk_1"
    assert en.sent[0][1].startswith("[Handed up] service callback · XN · 3-1-1202 · due 2026-06-01 18:00")


async def test_a_group_that_does_not_answer_holds_nobody_up() -> None:
    heard = Heard(pause=0.5)
    notice = chat(heard, timeout=timedelta(milliseconds=50))

    await notice.task_changed("tsk_1", what="opened", role="keeper")
    await notice.settled()

    assert heard.sent == []  # whoever waits is back before the group answered


async def test_trouble_is_written_down_without_the_address(lines: io.StringIO) -> None:
    for answer in (False, RuntimeError("json://token-7 refused")):
        notice = chat(Heard(answer))
        await notice.task_changed("tsk_1", what="opened", role="keeper")
        await notice.settled()

    said = lines.getvalue()
    assert "chat.refused" in said
    assert "chat.failed" in said
    assert "token-7" not in said
    assert "json://" not in said


async def test_more_than_a_chat_can_take_is_left_out_and_said(lines: io.StringIO) -> None:
    heard = Heard(pause=0.01)
    notice = chat(heard)

    for _ in range(MOST_WAITING + 3):
        await notice.task_changed("tsk_1", what="opened", role="keeper")
    await notice.settled()

    assert len(heard.sent) == MOST_WAITING
    assert lines.getvalue().count("chat.left_out") == 3


async def test_a_task_that_is_not_known_is_not_told() -> None:
    heard = Heard()
    notice = chat(heard, None)

    await notice.task_changed("tsk_9", what="opened", role="keeper")
    await notice.settled()

    assert heard.sent == []


async def test_apprise_posts_the_line_and_tells_a_refusal_from_a_yes() -> None:
    send = apprise_sender()

    async with provider(answers({"ok": 1})) as served:
        taken = await asyncio.to_thread(send, [served.url.replace("http", "json", 1)], "一行")
    async with provider(answers(b"", status=500)) as refusing:
        refused = await asyncio.to_thread(send, [refusing.url.replace("http", "json", 1)], "一行")
    nowhere = await asyncio.to_thread(send, ["nonsense"], "一行")

    assert served.seen[0].document["message"] == "一行"
    assert (taken, refused, nowhere) == (True, False, False)
