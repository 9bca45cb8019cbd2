"""What docker-compose.yml and Dockerfile say, read for the tests."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from ruamel.yaml import YAML

from starter.cli.app import app

ROOT = Path(__file__).resolve().parents[2]
OURS = "owner-journey"
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")
_PASSWORD = "secret"
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::([-?])([^}]*))?\}")


def document(path: Path) -> Any:
    """A YAML file, as plain data."""
    return YAML(typ="safe").load(path.read_text(encoding="utf-8"))


def services() -> dict[str, dict[str, Any]]:
    """Every service as written, merges done."""
    found: dict[str, dict[str, Any]] = document(ROOT / "docker-compose.yml")["services"]
    return found


def ours() -> dict[str, dict[str, Any]]:
    """The services that run our image."""
    return {name: one for name, one in services().items() if one["image"].partition(":")[0] == OURS}


def environment(service: dict[str, Any]) -> dict[str, str]:
    """What a service's process finds in its environment when .env holds passwords only."""
    return {name: resolved(str(value)) for name, value in service["environment"].items() if value is not None}


def resolved(text: str) -> str:
    """A text with its variables filled in: what is required with a password, the rest with its default."""
    return _VARIABLE.sub(lambda found: _PASSWORD if found[2] == "?" else found[3] or "", text)


def variables() -> dict[str, str]:
    """The variables that compose reads, with `?` for required and `-` for defaulted ones."""
    return {name: how for name, how, _ in _VARIABLE.findall(COMPOSE)}


def parsed(words: list[str]) -> str:
    """The name of the `journey` command that understands these words; raises for an unknown word or option."""
    command: Any = typer.main.get_command(app)
    path = []
    while hasattr(command, "commands"):
        path.append(words[0])
        command, words = command.commands[words[0]], words[1:]
    command.make_context(path[-1], list(words))
    return " ".join(path)


def instructions(name: str) -> Iterator[str]:
    """The arguments of a Dockerfile's instructions, continued lines joined."""
    joined = DOCKERFILE.replace("\\\n", " ")
    return iter(re.findall(rf"^\s*{name} (.+)$", joined, re.MULTILINE))
