"""Staff chat 群机器人: a line to the group of a post when a task opens, is due or is handed up; through Apprise.

What it says is ids, the home, the item and the due: never a person. A group that does not answer holds nobody up.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

import structlog
from pydantic import SecretStr

from journey.domain.clocks import local
from journey.domain.telling import title
from journey.domain.values import Language, Role, label

log = structlog.get_logger()
TIMEOUT: Final = timedelta(seconds=8)
MOST_WAITING: Final = 200  # lines under way at once; what comes beyond is left out, and said in the log
ANY_POST: Final = "default"
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "opened": ("新任务", "New task"),
    "warned": ("即将到期", "Due soon"),
    "escalated": ("已升级", "Handed up"),
}


@dataclass(frozen=True, slots=True)
class TaskLine:
    """What a line tells of a task: nothing of it names a person."""

    task: str
    rule: str
    project: str
    place: str
    due: datetime
    zone: str


class Sender(Protocol):
    """Sends one text to some addresses and says whether every one took it; blocks."""

    def __call__(self, urls: Sequence[str], text: str) -> bool:
        """True when it was taken."""
        ...


Look = Callable[[str], Awaitable[TaskLine | None]]


class ChatNotice:
    """Tells the groups of posts, `default` for a post without one of its own. Never raises, never waits."""

    def __init__(
        self,
        groups: Mapping[str, Sequence[SecretStr]],
        look: Look,
        *,
        send: Sender,
        language: str = Language.ZH,
        timeout: timedelta = TIMEOUT,
    ) -> None:
        self._groups = groups
        self._look, self._send = look, send
        self._language, self._timeout = language, timeout
        self._under_way: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="chat")

    async def task_changed(self, task_id: str, *, what: str, role: str) -> None:
        """Have it told; what becomes of it is in the log only."""
        urls = self._groups.get(role) or self._groups.get(ANY_POST)
        if not urls or what not in _WORDS:
            return
        if len(self._under_way) >= MOST_WAITING:
            log.warning("chat.left_out", task=task_id, role=role)
            return
        telling = asyncio.create_task(self._tell(task_id, what, role, [each.get_secret_value() for each in urls]))
        self._under_way.add(telling)
        telling.add_done_callback(self._under_way.discard)

    async def settled(self) -> None:
        """Wait until everything under way has ended."""
        await asyncio.gather(*self._under_way, return_exceptions=True)

    async def _tell(self, task_id: str, what: str, role: str, urls: Sequence[str]) -> None:
        try:
            async with asyncio.timeout(self._timeout.total_seconds()):
                line = await self._look(task_id)
                if line is None:
                    return
                text = worded(line, what=what, role=role, language=self._language)
                taken = await asyncio.get_running_loop().run_in_executor(self._threads, self._send, urls, text)
        except Exception as error:  # the words of an error name the address, which holds a secret
            log.warning("chat.failed", task=task_id, role=role, error=type(error).__name__)
        else:
            level = logging.INFO if taken else logging.WARNING
            log.log(level, "chat.told" if taken else "chat.refused", task=task_id, role=role)


def worded(line: TaskLine, *, what: str, role: str, language: str) -> str:
    """The line as the group reads it."""
    zh, en = _WORDS[what]
    english = language == Language.EN
    due = local(line.due, line.zone)
    post = label(Role(role), language) if role in set(Role) else role
    head = f"[{en if english else zh}] {title(line.rule, language)}"
    rest = (line.project, line.place, f"{'due' if english else '截止'} {due:%Y-%m-%d %H:%M}", post, line.task)
    return " · ".join([head, *filter(None, rest)])


def apprise_sender() -> Sender:
    """Apprise, when the extra `chat` is installed; `ModuleNotFoundError` otherwise."""
    import apprise  # noqa: PLC0415 - an extra, and slow to load

    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it writes down addresses, which hold secrets

    def send(urls: Sequence[str], text: str) -> bool:
        known = apprise.Apprise()
        added = [known.add(url) for url in urls]
        return all(added) and bool(known.notify(body=text, body_format=apprise.NotifyFormat.TEXT))

    return send
