"""Who serves which kind of case: tasks of the journey, or a workflow of its own."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from journey.domain.case_values import CaseKind


class Executor(StrEnum):
    """Tasks: what a rule opens is a task, and rules that serve the kind ask for one a step. Workflow: it does both."""

    TASKS = "tasks"
    WORKFLOW = "workflow"


EXECUTORS: Final[Mapping[CaseKind, Executor]] = MappingProxyType(dict.fromkeys(CaseKind, Executor.TASKS))
