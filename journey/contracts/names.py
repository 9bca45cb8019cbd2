"""Names that other systems and Temporal's UI hold on to, each spelled in one place."""

from typing import Final

from temporalio.common import SearchAttributeKey

QUEUE: Final = "journeys"
TELL: Final = "tell"
POKE: Final = "poke"
HEADLINE: Final = "headline"

PROJECT: Final = SearchAttributeKey.for_keyword("JourneyProject")
BATCH: Final = SearchAttributeKey.for_keyword("JourneyBatch")
UNIT: Final = SearchAttributeKey.for_keyword("JourneyUnit")
STAGE: Final = SearchAttributeKey.for_keyword("JourneyStage")
STATUS: Final = SearchAttributeKey.for_keyword("JourneyStatus")
SEGMENT: Final = SearchAttributeKey.for_keyword("JourneySegment")
NEXT_DUE: Final = SearchAttributeKey.for_datetime("JourneyNextDue")
OVERDUE: Final = SearchAttributeKey.for_int("JourneyOverdue")
CASE_KIND: Final = SearchAttributeKey.for_keyword("CaseKind")
CASE_LEVEL: Final = SearchAttributeKey.for_keyword("CaseLevel")

SEARCH_ATTRIBUTES: Final = {
    "JourneyProject": "Keyword",
    "JourneyBatch": "Keyword",
    "JourneyUnit": "Keyword",
    "JourneyStage": "Keyword",
    "JourneyStatus": "Keyword",
    "JourneySegment": "Keyword",
    "JourneyNextDue": "Datetime",
    "JourneyOverdue": "Int",
    "CaseKind": "Keyword",
    "CaseLevel": "Keyword",
}


def journey_workflow(journey_id: str) -> str:
    """The workflow id of a journey."""
    return f"journey/{journey_id}"


def recovery_workflow(epoch: int) -> str:
    """The workflow id of the search that follows a restore."""
    return f"recovery/{epoch}"


def replan_workflow(change_id: str) -> str:
    """The workflow id of the re-planning that a change asks for."""
    return f"replan/{change_id}"
