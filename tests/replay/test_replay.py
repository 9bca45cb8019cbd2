"""Journeys started by every released build still run: their histories replay on today's code."""

import gzip
import json
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import Replayer

import worker
from journey.contracts.frozen import Frozen
from journey.contracts.journeys import Tell, Ticket, Told
from journey.contracts.performing import Perform, Performed
from journey.contracts.planning import HoldBack, PlanJourney, Show, Step
from journey.contracts.recovering import LostTime, Searched
from journey.contracts.replanning import Change, Page

FOLDER = Path(__file__).parent
HISTORIES = sorted((FOLDER / "histories").glob("*.json.gz"))
STATES: dict[str, type[Frozen]] = {
    model.__name__: model
    for model in (
        Ticket,
        Tell,
        Told,
        PlanJourney,
        Step,
        Show,
        HoldBack,
        Perform,
        Performed,
        Change,
        Page,
        LostTime,
        Searched,
    )
}


def kept(path: Path) -> str:
    """A committed history as JSON."""
    return gzip.decompress(path.read_bytes()).decode()


def test_there_are_histories_of_a_release() -> None:
    assert len(HISTORIES) >= 2


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.name)
async def test_a_released_history_replays(path: Path) -> None:
    history = WorkflowHistory.from_json("journey/jrn_replayed", kept(path))
    replayer = Replayer(
        workflows=list(worker.WORKFLOWS), data_converter=pydantic_data_converter, workflow_runner=worker.sandbox()
    )

    result = await replayer.replay_workflow(history, raise_on_replay_failure=True)

    assert result.replay_failure is None


@pytest.mark.parametrize("path", sorted((FOLDER / "states").glob("*.json")), ids=lambda path: path.name)
def test_what_crossed_temporal_in_a_release_still_reads_and_keeps_what_it_does_not_know(path: Path) -> None:
    for name, sample in json.loads(path.read_text(encoding="utf-8")).items():
        model = STATES[name].model_validate({**sample, "of_a_later_build": 1})

        assert model.model_dump(mode="json")["of_a_later_build"] == 1
        assert sample.items() <= model.model_dump(mode="json").items()


def test_every_contract_has_a_sample() -> None:
    samples = json.loads((FOLDER / "states" / "2026.1.json").read_text(encoding="utf-8"))

    assert set(samples) == set(STATES)
