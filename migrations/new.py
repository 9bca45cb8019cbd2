"""Write the next revision from the tables: `python -m migrations.new "what changes"`; read it before use."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from journey.store import schema
from journey.store.tables import metadata


def main() -> None:
    """Compare the tables with a fresh SQLite database at head and write what differs."""
    if len(sys.argv) != 2:
        sys.exit('usage: python -m migrations.new "what changes"')
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'store.db'}"
        schema.upgrade(url)
        written = schema.write_revision(url, sys.argv[1], metadata)
    lines = written.read_text(encoding="utf-8").splitlines(keepends=True)
    written.write_text("".join(line for line in lines if not line.lstrip().startswith("# ###")), encoding="utf-8")
    ruff = Path(sys.executable).with_name("ruff")
    for command in (["check", "--fix-only", "--quiet"], ["format", "--quiet"]):
        subprocess.run([ruff, *command, written], check=True)
    sys.stdout.write(f"{written}\n")


if __name__ == "__main__":
    main()
