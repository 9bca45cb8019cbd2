"""`journey simulate FILE`: read, run, print."""

import asyncio
import json
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from journey.domain.clocks import local
from journey.domain.errors import JourneyError
from journey.observability import configure
from journey.settings import Settings
from starter.cli.output import writing
from starter.simulate.checks import read_scenario
from starter.simulate.driver import simulate
from starter.simulate.expecting import as_expected, with_expectations
from starter.simulate.lives import Lives
from starter.simulate.reading import Problem, ScenarioError
from starter.simulate.report import print_report
from starter.simulate.scenario import Scenario

OK, FAILED, USAGE, PARTLY = 0, 1, 2, 6


def run(path: Path, json_out: bool = False, html: Path | None = None) -> int:
    """Simulate a scenario file and print its document, or a timeline for people; the exit code is 0, 1, 2 or 6.

    2: the file is wrong, and every problem of it is named. Events that were refused are a result like any other: they
    stand in the document and are named on stderr, beside notes and progress. 6: the file says which are `refused`, and
    others were. The caller leaves the process at once afterwards (`starter.processes.leave`): threads of a Temporal
    client may abort a slow exit.
    """
    configure(Settings().model_copy(update={"log_level": "WARNING"}))
    try:
        scenario = read_scenario(path)
        document, lives = asyncio.run(_run(scenario, drawn=html is not None))
    except ScenarioError as error:
        problems = [_in_file(problem, path) for problem in error.problems]
        named = ScenarioError(problems)
        return _fail(named.code, str(named), named.documents(), json_out, USAGE)
    except JourneyError as error:
        return _fail(error.code, str(error) or error.code, [], json_out, FAILED)
    if html is not None:
        _draw(html, scenario, document, lives)
    if json_out:
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    else:
        print_report(document)
    _name_refused(document["events_refused"])
    return OK if as_expected(document) else PARTLY


def _name_refused(events: Sequence[Mapping[str, Any]]) -> None:
    for event in events:
        reason = event["reason"]
        words = f"{event['id']} {event['type']}: {reason['text'] or reason['code']}"
        print(f"被拒绝 / refused: {words}", file=sys.stderr)


async def _run(scenario: Scenario, drawn: bool = False) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The document of the simulation; with `drawn` its lives too, as the page wants them."""
    progress, lives = _Progress(), Lives(scenario)
    document = await simulate(scenario, say=progress.say, look=lives.look if drawn else None)
    progress.done(document)
    return with_expectations(scenario, document), lives.found


def _draw(path: Path, scenario: Scenario, document: Mapping[str, Any], lives: Sequence[Mapping[str, Any]]) -> None:
    from starter.view import write_page

    row = scenario.project
    drawn = {
        "kind": "simulate",
        "project": {"code": row.code, "name": row.name or row.code},
        "now": local(scenario.until, scenario.zone).isoformat(),
        "lives": lives,
        "refused": document["events_refused"],
    }
    with writing(path):
        write_page(path, drawn)
    print(f"页面:{path} / page: {path}", file=sys.stderr)


def _in_file(problem: Problem, path: Path) -> Problem:
    if problem.file:
        return problem
    return Problem(path.as_posix(), 0, problem.field, problem.rule, problem.text)


def _fail(code: str, text: str, errors: list[dict[str, Any]], json_out: bool, exit_code: int) -> int:
    if json_out:
        document = {"error": {"code": code, "text": text, "errors": errors}}
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
        sys.stdout.flush()
    else:
        print(text, file=sys.stderr)
    return exit_code


class _Progress:
    """One line on stderr that moves with the clock; in a log only the last one is written."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._moves = sys.stderr.isatty()

    def say(self, at: datetime, text: str) -> None:
        """Show where the clock stands."""
        if self._moves:
            print(f"\r\033[K{at:%Y-%m-%d %H:%M}  {text}", end="", file=sys.stderr, flush=True)

    def done(self, document: dict[str, Any]) -> None:
        """Say how much was lived in how long."""
        homes = document["journeys"]
        items = sum(len(journey["entries"]) for journey in homes)
        seconds = time.monotonic() - self._began
        clear = "\r\033[K" if self._moves else ""
        words = f"{len(homes)} 段旅程、{items} 个事项,用时 {seconds:.1f} 秒"
        english = f"{len(homes)} journeys, {items} items in {seconds:.1f} s"
        print(f"{clear}{words} / {english}", file=sys.stderr)
