"""The table of commands, and how any of them ends."""

import json
import os
import sys
import traceback
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import Abort, TyperException
from typer.main import get_command

from starter.cli import (
    acting,
    administer,
    batches,
    broadcasts,
    cases,
    facts,
    hooks,
    journeys,
    letters,
    library,
    outbox,
    packs,
    people,
    recovery,
    running,
    tasks,
    templates,
    viewing,
    worker,
)  # fmt: skip
from starter.cli.output import ExitCode, Failure
from starter.cli.whose_home import FLAG, at_home, taken

CONFIGURATION = "configuration"  # as the store calls an address that it cannot run on

app = typer.Typer(
    name="journey",
    help="业主旅程 / Owner Journey: run owners' journeys, tell them facts, look at what comes next.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for module in (
    running,
    worker,
    facts,
    journeys,
    outbox,
    viewing,
    acting,
    batches,
    broadcasts,
    cases,
    letters,
    packs,
    people,
    tasks,
    templates,
    library,
    administer,
    hooks,
    recovery,
):
    module.register(app)


@app.callback()
def _everywhere(
    home: Annotated[
        Path | None,
        typer.Option(FLAG, metavar="DIR", help="数据目录,默认 ./.journey;每个命令皆可 / the home, of any command"),
    ] = None,
) -> None:
    """The flag is taken before any command is looked for (`whose_home`); here it is named for `--help`."""


def run(arguments: list[str]) -> int:
    """Run one command; the exit code is 0 ok, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 partly."""
    arguments, home = taken(arguments)
    try:
        with at_home(home):
            return _run(arguments)
    except Failure as failure:  # of the home: a command's own ends in `_run`
        return _end(arguments, failure)


@cache
def _command() -> Callable[..., Any]:
    """All commands, put together from their functions once in a process."""
    return get_command(app)


def _run(arguments: list[str]) -> int:
    try:
        return int(_command()(arguments, standalone_mode=False, prog_name="journey") or ExitCode.OK)
    except Failure as failure:
        return _end(arguments, failure)
    except TyperException as error:
        usage = ExitCode.USAGE if error.exit_code == ExitCode.USAGE else ExitCode.FAILED
        return _end(arguments, Failure("usage", error.format_message(), exit_code=usage))
    except (KeyboardInterrupt, Abort):
        return _end(arguments, Failure("stopped", "已停止 / stopped"))
    except BrokenPipeError:
        # Whoever read our output went away; a second write at exit would only repeat the error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.FAILED
    except Exception as error:
        return _end(arguments, _unexpected(error, "en" if _english(arguments) else "zh"))


def _english(arguments: list[str]) -> bool:
    """Whether the words are to be English, as `--lang` says; asked where the command is over already."""
    told = [one.removeprefix("--lang=") for one in arguments if one.startswith("--lang=")]
    told += [after for one, after in pairwise(arguments) if one == "--lang"]
    return bool(told) and told[-1].lower().startswith("en")


def _unexpected(error: Exception, lang: str) -> Failure:
    from journey.domain.errors import Conflict, InvalidInput, JourneyError, NotFound

    if (failure := _of_settings(error, lang)) is not None:
        return failure
    if isinstance(error, JourneyError):  # an error of the business says itself what is wrong
        exits = {NotFound: ExitCode.NOT_FOUND, Conflict: ExitCode.CONFLICT}
        exit_code = next((code for kind, code in exits.items() if isinstance(error, kind)), ExitCode.FAILED)
        fields = [_field(each, lang) for each in error.errors] if isinstance(error, InvalidInput) else []
        reason = error.reason if isinstance(error, Conflict | NotFound) else None
        text = reason.text(lang) if reason else "; ".join(each["text"] for each in fields) or str(error)
        return Failure(error.code, text or error.code, exit_code=exit_code, errors=fields)
    if os.environ.get("JOURNEY_DEBUG"):
        traceback.print_exc()
    return Failure("internal-error", f"{type(error).__name__}: {error}")


def _of_settings(error: Exception, lang: str) -> Failure | None:
    """A setting that cannot be used: its variable, what it must be, and the exit code of a wrong call."""
    from pydantic import ValidationError

    from journey.settings import Settings
    from starter.bodies import of_settings

    if isinstance(error, ValidationError) and error.title == Settings.__name__:
        wrong = of_settings(error, str(Settings.model_config["env_prefix"]))
        fields = [_field(each, lang) for each in wrong.errors]
        text = "; ".join(each["text"] for each in fields)
        return Failure(CONFIGURATION, text, exit_code=ExitCode.USAGE, errors=fields)
    code = getattr(error, "code", None)
    return Failure(code, str(error), exit_code=ExitCode.USAGE) if code in (CONFIGURATION, "providers") else None


def _field(error: Any, lang: str) -> dict[str, Any]:
    """A field at fault as the API would name it to this reader."""
    return {"field": error.field, "rule": error.rule, "text": error.text if lang == "en" else error.text_zh}


def _end(arguments: list[str], failure: Failure) -> int:
    if "--json" in arguments:
        sys.stdout.write(json.dumps(failure.document(), ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()
    else:
        print(failure.text, file=sys.stderr)
        words = [each.get("text", each) if isinstance(each, dict) else each for each in failure.errors]
        for each in words:
            if each != failure.text:  # one error alone is the text already
                print("  -", each, file=sys.stderr)
    return failure.exit_code
