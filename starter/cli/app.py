"""The table of commands, and how any of them ends."""

import json
import os
import sys
import traceback
from dataclasses import asdict

import typer
from typer.exceptions import Abort, TyperException

from starter.cli import acting, administer, batches, facts, journeys, recovery, running, tasks, worker
from starter.cli.output import ExitCode, Failure

app = typer.Typer(
    name="journey",
    help="业主旅程 / Owner Journey: run owners' journeys, tell them facts, look at what comes next.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for module in (running, worker, facts, journeys, acting, batches, tasks, administer, recovery):
    module.register(app)


def run(arguments: list[str]) -> int:
    """Run one command; the exit code is 0 ok, 1 failed, 2 usage, 3 not found, 4 not allowed, 5 conflict, 6 partly."""
    try:
        return int(app(arguments, standalone_mode=False, prog_name="journey") or ExitCode.OK)
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
        return _end(arguments, _unexpected(error))


def _unexpected(error: Exception) -> Failure:
    from journey.domain.errors import Conflict, InvalidInput, JourneyError, NotFound

    if isinstance(error, JourneyError):  # an error of the business says itself what is wrong
        exits = {NotFound: ExitCode.NOT_FOUND, Conflict: ExitCode.CONFLICT}
        exit_code = next((code for kind, code in exits.items() if isinstance(error, kind)), ExitCode.FAILED)
        fields = [asdict(each) for each in error.errors] if isinstance(error, InvalidInput) else []
        return Failure(error.code, str(error) or error.code, exit_code=exit_code, errors=fields)
    if os.environ.get("JOURNEY_DEBUG"):
        traceback.print_exc()
    return Failure("internal-error", f"{type(error).__name__}: {error}")


def _end(arguments: list[str], failure: Failure) -> int:
    if "--json" in arguments:
        sys.stdout.write(json.dumps(failure.document(), ensure_ascii=False, default=str) + "\n")
        sys.stdout.flush()
    else:
        print(failure.text, file=sys.stderr)
        for each in failure.errors:
            print("  -", each.get("text", each) if isinstance(each, dict) else each, file=sys.stderr)
    return failure.exit_code
