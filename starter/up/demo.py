"""`journey up --demo`: the sample export, loaded through the REST API as anybody would load one."""

import sys
import tomllib
from pathlib import Path
from typing import Final

from journey import providing
from journey.domain.errors import JourneyError
from journey.domain.routing import channel_name
from journey.settings import Settings
from starter.cli.output import Failure
from starter.importing import ExportFile, Project, import_export
from starter.up.home import CannotStart

SAMPLE: Final = Path(__file__).resolve().parents[2] / "docs" / "samples" / "sales-export.csv"
PROJECT: Final = Project(code="XN", name="香年", city="成都")


def refuse_beside_providers(settings: Settings) -> None:
    """CannotStart while a provider carries a channel: the numbers of the sample are invented, and may be somebody's."""
    real = [one for one in providing.carried(settings) if one.address is not None]
    if real:
        zh, en = (
            mark.join(f"{channel_name(one.channel, lang)} ({one.provider})" for one in real)
            for lang, mark in (("zh", "、"), ("en", ", "))
        )
        raise CannotStart(
            f"示例业主是虚构的,不能在已接服务商的环境中载入:{zh}。请去掉 --demo,或用 --home 另指一个没有服务商的目录 / "
            f"the owners of --demo are invented, and real providers carry {en}: leave --demo out, or name another "
            f"--home without providers"
        )


def load_demo(key_file: Path) -> None:
    """Load the sample; what went wrong is said on stderr, and the engine goes on."""
    from starter.cli.remote import Remote

    try:
        client = tomllib.loads(key_file.read_text(encoding="utf-8"))
        with Remote(client["url"], client["key"]) as api:
            errors = key_file.parent / "logs" / "demo-errors.csv"
            report = import_export(ExportFile.read(SAMPLE), api, PROJECT, errors_file=errors, outlook=False)
    except (OSError, Failure, JourneyError) as error:
        print(f"示例数据未载入 / the demo was not loaded: {error}", file=sys.stderr, flush=True)
        return
    print(
        f"示例数据:{report.started} 段旅程已启动,{len(report.failed)} 行有误 / "
        f"demo: {report.started} journeys started, {len(report.failed)} dirty rows refused",
        file=sys.stderr,
        flush=True,
    )
