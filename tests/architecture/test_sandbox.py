"""Workflows load in the sandbox without importing anything again by accident, and reach no clock or chance."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

import worker

ROOT = Path(__file__).resolve().parents[2]
STRICT = (
    workflow.SandboxImportNotificationPolicy.WARN_ON_DYNAMIC_IMPORT
    | workflow.SandboxImportNotificationPolicy.RAISE_ON_UNINTENTIONAL_PASSTHROUGH
)
REPLAYED = sorted(
    path for folder in ("workflows", "journey/domain", "journey/contracts") for path in (ROOT / folder).rglob("*.py")
)
CHANCE = {"random", "secrets", "uuid", "time", "os", "socket", "threading", "subprocess"}


@pytest.mark.parametrize("type_", worker.WORKFLOWS, ids=lambda one: one.__name__)
async def test_a_workflow_loads_where_an_accidental_import_raises(type_: type) -> None:
    # The loop is read anew here, though a worker does not: its calls to clocks and chance would be refused.
    restrictions = worker.sandbox().restrictions.with_passthrough_modules("workflows.agenda")
    restrictions = restrictions.with_import_notification_policy(STRICT)
    definition = workflow._Definition.must_from_class(type_)

    SandboxedWorkflowRunner(restrictions=restrictions).prepare_workflow(definition)


def test_nothing_but_our_pure_packages_passes_through() -> None:
    ours = {name for name in worker.sandbox().restrictions.passthrough_modules if name.split(".")[0] in FIRST_PARTY}

    assert ours == {"journey"}


@pytest.mark.parametrize("path", REPLAYED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_workflow_replays_imports_no_chance_and_no_operating_system(path: Path) -> None:
    assert CHANCE.isdisjoint(_imported(ast.parse(path.read_text(encoding="utf-8"))))


@pytest.mark.parametrize("path", REPLAYED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_model_takes_its_default_from_a_clock(path: Path) -> None:
    clocks = {"now", "utcnow", "today", "uuid4", "time"}
    tree = ast.parse(path.read_text(encoding="utf-8"))

    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "default_factory":
            assert not (isinstance(node.value, ast.Attribute) and node.value.attr in clocks), ast.unparse(node.value)


FIRST_PARTY = {"journey", "workflows", "activities", "starter", "worker", "tests"}


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.split(".")[0]
