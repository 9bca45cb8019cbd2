"""What the doctor says of channels: who carries each, what is wrong with the file, and whether providers answer."""

import asyncio
from collections.abc import Iterator, Sequence

from journey import providing
from journey.domain.telling import CHANNELS
from journey.providing import Carried
from journey.settings import Settings
from journey.store.engine import Store
from journey.store.hooks import list_hooks
from starter.cli.findings import Finding


def channel_findings(settings: Settings, *, reach: bool) -> Iterator[Finding]:
    """One line a channel; with `reach` those that leave the machine are tried."""
    problems = providing.problems_of(settings)
    for problem in problems:
        yield Finding("providers", "bad", problem, problem)
    try:
        carried = providing.carried(settings)
    except providing.ProvidersError:
        return
    for one in carried:
        zh, en = CHANNELS[one.channel]
        if one.simulated:
            yield Finding(one.channel, "note", f"{zh}为模拟,不会发出", f"{en}: simulated 模拟, none leaves")
        elif one.address is None:
            yield Finding(one.channel, "ok", f"{zh}由本系统提供", f"{en}: kept here")
        else:
            yield Finding(one.channel, "ok", f"{zh}经 {one.provider} 发出", f"{en} goes out by {one.provider}")
    if reach:
        yield from asyncio.run(_reached(carried))


def door_findings(settings: Settings) -> Iterator[Finding]:
    """Doors for callbacks whose provider carries nothing here: what they tell is matched with no message."""
    try:
        known = {one.provider for one in providing.carried(settings)}
    except providing.ProvidersError:
        return  # said already
    with Store(settings.store_url) as store:
        doors = store.read_sync(list_hooks)
    for door in doors:
        if door.provider not in known:
            zh = f"回调 {door.source} 的服务商 {door.provider} 未承载任何渠道,其回执无法匹配"
            en = f"the callbacks of {door.source} are of {door.provider}, which carries no channel: none is matched"
            yield Finding("hooks", "bad", zh, en)


async def _reached(carried: Sequence[Carried]) -> list[Finding]:
    there = [one for one in carried if one.address is not None]
    answers = await asyncio.gather(*(providing.reach(one) for one in there))
    return [
        Finding(one.channel, "ok", f"{one.provider} 有应答", f"{one.provider} answers")
        if error is None
        else Finding(one.channel, "bad", f"{one.provider} 无应答:{error}", f"{one.provider} does not answer: {error}")
        for one, error in zip(there, answers, strict=True)
    ]
