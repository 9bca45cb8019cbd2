"""What `journey up` prints once everything answers."""

import json
import sys
from collections.abc import Mapping
from typing import Any


def say_urls(document: Mapping[str, Any], *, as_json: bool, lang: str, smtp_host: str | None = None) -> None:
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
    simulated = "Channels are simulated: nothing leaves this machine." if en else "渠道为模拟:任何消息都不会离开本机。"
    if smtp_host:
        simulated = (
            f"E-mail leaves by {smtp_host}, other channels are simulated."
            if en
            else f"邮件经 {smtp_host} 发出,其余渠道为模拟。"
        )
    ends = "Ctrl-C stops everything." if en else "Ctrl-C 停止全部。"
    console = Console()
    console.print(Panel(lines, title="业主旅程 Owner Journey", subtitle=simulated, expand=False))
    console.print(ends)
