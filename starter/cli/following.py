"""`journey show --live`: one journey on a screen that changes when it does."""

from collections.abc import Sequence
from time import sleep
from typing import Any, Final

from starter.cli.output import Failure, Output

EVERY: Final = 2.0  # seconds between two looks
_AHEAD: Final = 8  # items that are shown
_TASKS: Final = (
    ("due", "到期", "due"), ("title", "事项", "item"), ("role", "岗位", "role"), ("state", "状态", "state"),
    ("claimed_by", "认领人", "claimed by"),
)  # fmt: skip
_NEXT: Final = (
    ("due", "到期", "due"), ("title", "接下来", "next"), ("role", "岗位", "role"), ("why", "原因", "reason"),
)  # fmt: skip


def follow(api: Any, where: str, out: Output) -> None:
    """Show a journey until Ctrl-C, drawn again when it changed; as JSON one document of how it stands."""
    if out.as_json:
        out.document(_look(api, where))
        return
    from rich.live import Live

    from starter.cli.output import console

    screen = console()
    shown: Any = None
    with Live(console=screen, auto_refresh=False, screen=False) as live:
        try:
            while True:
                found = _seen(api, where, out)
                if found != shown:
                    live.update(_drawn(found, out), refresh=True)
                    if not screen.is_terminal:  # a log gets every change, a terminal the last one
                        screen.print(_drawn(found, out))
                    shown = found
                sleep(EVERY)
        except KeyboardInterrupt:
            return


def _seen(api: Any, where: str, out: Output) -> dict[str, Any]:
    try:
        return _look(api, where)
    except Failure as failure:
        if failure.code not in ("unreachable", "store-down"):
            raise
        return {"away": out.say("接口无应答,重试中……", "the API does not answer; trying again …")}


def _look(api: Any, where: str) -> dict[str, Any]:
    """A journey, what comes next, and its open tasks."""
    from starter.cli.remote import path_of

    journey = api.get(path_of("journeys", where))
    return {
        "journey": journey,
        "next": api.get(path_of("journeys", where, "forecast"))["data"][:_AHEAD],
        "tasks": list(api.pages("/v1/tasks", journey=journey["id"], state="open")),
    }


def _drawn(found: dict[str, Any], out: Output) -> Any:
    from rich.console import Group
    from rich.text import Text

    if "away" in found:
        return Text(found["away"])
    one = found["journey"]
    home = f"{one['project']}/{one.get('unit') or one['id']}"
    late = f"  ⚠ {out.say('逾期', 'overdue')} {one['overdue']}" if one.get("overdue") else ""
    stands = " · ".join(out.word(column, one[column]) for column in ("stage", "status"))
    head = Text(f"{home}  {stands}{late}", style="bold")
    return Group(head, _table(found["tasks"], _TASKS, out, title=out.say("进行中的任务", "open tasks")),
                 _table(found["next"], _NEXT, out, title=out.say("接下来", "next")))  # fmt: skip


def _table(rows: Sequence[dict[str, Any]], columns: Sequence[tuple[str, str, str]], out: Output, *, title: str) -> Any:
    from rich.table import Table

    from starter.cli.output import cell

    table = Table(box=None, title=f"{title}({len(rows)})", title_justify="left", padding=(0, 2, 0, 0))
    for _, zh, en in columns:
        table.add_column(out.say(zh, en))
    for row in rows:
        table.add_row(*(cell(out.word(key, row.get(key))) for key, _, _ in columns))
    return table
