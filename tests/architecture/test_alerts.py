"""Alarms and their table name metrics that exist; each alarm is explained."""

import re
from typing import Any

import pytest

from activities.measures import Measures
from starter.api.frame import HttpMetrics
from starter.api.gauges import WORDS
from tests.activities.test_measures import Notebook
from tests.architecture.compose import ROOT, document

ALERTS = document(ROOT / "docs" / "samples" / "alerts.yml")
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
_METRIC = re.compile(r"\b(?:journey|temporal)_[a-z_]+\b")
_SERIES = re.compile(r"_(?:bucket|count|sum)$")


def ours() -> set[str]:
    """Every metric of ours as Prometheus shows it."""
    notebook = Notebook()
    Measures(notebook)  # type: ignore[arg-type] # it has what is used
    measured = {name if name.endswith("_seconds") else f"{name}_total" for name in notebook.names}
    http = {f"{one.name}_total" if one.type == "counter" else one.name for one in HttpMetrics().registry.collect()}
    return set(WORDS) | measured | http


def named(text: str) -> set[str]:
    """The metrics that a text names, the series of a histogram as the histogram."""
    return {_SERIES.sub("", name) for name in _METRIC.findall(text)}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alarm_asks_for_metrics_that_exist(rule: dict[str, Any]) -> None:
    asked = named(rule["expr"])

    assert asked
    assert rule["expr"].count("(") == rule["expr"].count(")")
    assert {name for name in asked if name.startswith("journey_")} <= ours()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alarm_is_worded_weighed_and_explained(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    assert rule["annotations"]["summary"]
    assert f"`{rule['alert']}`" in OPERATIONS


def test_the_page_explains_every_metric_of_ours_and_no_other() -> None:
    section = OPERATIONS.partition("## Metrics")[2].partition("\n## ")[0]

    assert {name for name in named(section) if name.startswith("journey_")} == ours()
