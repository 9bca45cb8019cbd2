"""What Alembic runs: the revisions on the connection that journey.store.schema has opened."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from journey.store.types import Json, UtcDateTime


def render_item(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types by their short names; everything else as Alembic does."""
    if kind == "type" and isinstance(item, UtcDateTime | Json):
        name = type(item).__name__
        autogen.imports.add(f"from journey.store.types import {name}")
        return f"{name}()"
    return False


def main() -> None:
    """Run what was asked for inside the caller's transaction."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        target_metadata=attributes.get("metadata"),
        render_as_batch=True,
        render_item=render_item,
    )
    with context.begin_transaction():
        context.run_migrations()


main()
