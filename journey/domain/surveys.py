"""Surveys 问卷: which answer meets which. A survey is named by its rule, a repeated one by its occurrence too."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from journey.domain.case_values import CaseKind
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.items import Met
from journey.domain.rules import RULES

GROUP_SURVEY: Final = "signing.group-survey"
MOVE_IN_SURVEY: Final = "occupancy.move-in-survey"
# Callbacks of the group: every buyer and every owner who moved in is asked (C1: 100 %), however often he was asked of
# late, and they count against nothing (C5 does not list them among its surveys).
OF_EVERYBODY: Final = frozenset({GROUP_SURVEY, MOVE_IN_SURVEY})


def survey_names() -> frozenset[str]:
    """What `survey.answered` may name: the rules that ask owners."""
    return frozenset(rule.id for rule in RULES.values() if rule.opens is CaseKind.SURVEY)


def answer_to(
    j: Facts, rule: str, occurrence: str = "once", *, since: datetime | None = None, before: datetime | None = None
) -> Met | None:
    """The first answer to a survey; one that names no occurrence is to the one that was out when it came."""
    for event in answers_to(j, rule):
        named = (event.about or {}).get("occurrence")
        in_time = (since is None or event.occurred_at >= since) and (before is None or event.occurred_at < before)
        if named == occurrence or (named is None and in_time):
            return Met(at=event.occurred_at, event=event.id)
    return None


def answers_to(j: Facts, rule: str) -> Sequence[Event]:
    """Every answer to a survey, in order."""
    return [e for e in j.all("survey.answered") if rule in (e.data.get("survey"), (e.about or {}).get("item"))]
