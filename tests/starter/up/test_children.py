"""Child processes end with us and come back when they fall."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from starter.up.children import Child
from starter.up.home import CannotStart


def child(folder: Path, code: str) -> Child:
    return Child("part", [sys.executable, "-c", code], logs=folder, env=os.environ)


async def test_a_child_that_falls_is_started_again(tmp_path: Path) -> None:
    part = child(tmp_path, "import time; time.sleep(60)")
    await part.start()
    first = part.pid
    assert first is not None
    keeping = asyncio.create_task(part.keep())

    os.kill(first, 9)
    while part.pid in (first, None):  # noqa: ASYNC110  # there is no event: the kernel tells asyncio, not us
        await asyncio.sleep(0.02)

    await part.stop(5)
    await keeping
    assert part.pid is None


async def test_a_child_that_does_not_listen_is_ended(tmp_path: Path) -> None:
    deaf = "import signal, time; signal.signal(15, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    part = child(tmp_path, deaf)
    await part.start()
    while "deaf" not in (tmp_path / "part.log").read_text():  # noqa: ASYNC110  # a file tells nobody
        await asyncio.sleep(0.02)

    await part.stop(0.1)

    assert part.pid is None


async def test_the_last_words_of_a_child_say_why_it_ended(tmp_path: Path) -> None:
    part = child(tmp_path, "import sys; sys.exit('the pack is broken\\n  - pack.yaml:3: no such key')")
    await part.start()
    await part.ended()

    assert "part ended: the pack is broken\n  - pack.yaml:3: no such key" in part.last_words()


@pytest.mark.slow
async def test_a_child_that_falls_again_and_again_is_given_up(tmp_path: Path) -> None:
    part = child(tmp_path, "raise SystemExit('no use')")
    await part.start()

    with pytest.raises(CannotStart, match="no use"):
        await part.keep()
