"""The `journey` command. Heavy imports wait for the command that needs them, so that `--help` answers at once."""

import sys


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave the process with its exit code (0 ok … 6 partly failed, see `output.ExitCode`)."""
    from starter.cli.app import run

    code = run(sys.argv[1:] if arguments is None else arguments)
    if "temporalio" in sys.modules:
        from starter.processes import leave

        leave(code)
    sys.exit(code)
