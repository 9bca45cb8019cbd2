"""What `journey up` prints once everything answers."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from journey.domain.telling import CHANNELS
from journey.providing import Carried


def say_urls(document: Mapping[str, Any], *, as_json: bool, lang: str, carried: Sequence[Carried] = ()) -> None:
    """Write the addresses: one JSON document on one line, or a panel for people that says what leaves the machine."""
    if as_json:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        return
    from rich.console import Console
    from rich.panel import Panel
    from rich.table import Table

    en = lang.lower().startswith("en")
    lines = Table.grid(padding=(0, 2))
    lines.add_row("接口 API", document["api"])
    lines.add_row("文档 Docs", f"{document['api']}/docs")
    lines.add_row("Temporal", document["temporal"])
    if document["temporal_ui"]:
        lines.add_row("Temporal UI", document["temporal_ui"])
    lines.add_row("密钥 Key", document["key_file"])
    lines.add_row("渠道 Channels", what_leaves(carried, english=en))
    ends = "Ctrl-C stops everything." if en else "Ctrl-C 停止全部。"
    console = Console()
    console.print(Panel(lines, title="业主旅程 Owner Journey", expand=False))
    console.print(ends)


def what_leaves(carried: Sequence[Carried], *, english: bool) -> str:
    """Which channels leave the machine, and by whom."""
    real = [one for one in carried if one.address is not None]
    if not real:
        return (
            "Channels are simulated: nothing leaves this machine." if english else "渠道为模拟:任何消息都不会离开本机。"
        )
    names = [(CHANNELS[one.channel][english], one.provider) for one in real]
    if english:
        return f"{', '.join(f'{name} by {provider}' for name, provider in names)}; other channels are simulated."
    return f"{'、'.join(f'{name}经 {provider} 发出' for name, provider in names)};其余渠道为模拟。"
