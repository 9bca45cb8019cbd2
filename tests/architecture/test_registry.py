"""What is declared is registered, and what passes the sandbox unprotected reads no clock and throws no dice."""

import ast
from pathlib import Path

import pytest
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

import worker
from journey.contracts import broadcasting, performing, planning, recovering, replanning, trying
from journey.domain.rules import RULES
from journey.domain.stages import RULE_FILES

ROOT = Path(__file__).resolve().parents[2]
PASSED_THROUGH = sorted([*(ROOT / "journey/domain").rglob("*.py"), *(ROOT / "journey/contracts").rglob("*.py")])
FORBIDDEN = {"now", "utcnow", "today", "uuid4", "uuid1", "urandom", "getenv", "monotonic", "perf_counter"}
MODULES = {"datetime", "date", "uuid", "os", "time", "random", "secrets"}


def test_every_activity_contract_is_implemented_and_registered() -> None:
    declared = {
        value.__temporal_activity_definition.name
        for module in (broadcasting, planning, performing, recovering, replanning, trying)
        for value in vars(module).values()
        if hasattr(value, "__temporal_activity_definition")
    }
    none: object = None
    registered = {
        function.__temporal_activity_definition.name  # type: ignore[attr-defined] # set by activity.defn
        for function in worker.activities_of(none, none)  # type: ignore[arg-type] # only their names are read
    }

    assert registered == declared


def test_every_workflow_loads_in_the_sandbox() -> None:
    runner = worker.sandbox()

    assert isinstance(runner, SandboxedWorkflowRunner)
    assert {workflow.__name__ for workflow in worker.WORKFLOWS} == {
        "Broadcast",
        "OwnerJourney",
        "HandoverBatch",
        "ProjectCalendar",
        "Recovery",
        "Replan",
        "TemplateTest",
    }


def test_every_rule_file_registers_its_rules() -> None:
    assert {rule.function.__module__ for rule in RULES.values()} == {module.__name__ for module in RULE_FILES}


@pytest.mark.parametrize("path", PASSED_THROUGH, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_code_that_a_workflow_may_reach_reads_no_clock_and_throws_no_dice(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            assert not (node.func.value.id in MODULES and node.func.attr in FORBIDDEN), ast.unparse(node)
