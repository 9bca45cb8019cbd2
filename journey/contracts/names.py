"""Names that other systems and Temporal's UI hold on to, each spelled in one place."""

from typing import Final

from temporalio.common import SearchAttributeKey

from journey.domain.agendas import AgendaKind, kind_of

QUEUE: Final = "journeys"
TELL: Final = "tell"
POKE: Final = "poke"
ORDERED: Final = "ordered"  # a broadcast's row was ordered about
HEADLINE: Final = "headline"

PROJECT: Final = SearchAttributeKey.for_keyword("JourneyProject")
BATCH: Final = SearchAttributeKey.for_keyword("JourneyBatch")
UNIT: Final = SearchAttributeKey.for_keyword("JourneyUnit")
STAGE: Final = SearchAttributeKey.for_keyword("JourneyStage")
STATUS: Final = SearchAttributeKey.for_keyword("JourneyStatus")
SEGMENT: Final = SearchAttributeKey.for_keyword("JourneySegment")
NEXT_DUE: Final = SearchAttributeKey.for_datetime("JourneyNextDue")
OVERDUE: Final = SearchAttributeKey.for_int("JourneyOverdue")

SEARCH_ATTRIBUTES: Final = {
    "JourneyProject": "Keyword",
    "JourneyBatch": "Keyword",
    "JourneyUnit": "Keyword",
    "JourneyStage": "Keyword",
    "JourneyStatus": "Keyword",
    "JourneySegment": "Keyword",
    "JourneyNextDue": "Datetime",
    "JourneyOverdue": "Int",
    "CaseKind": "Keyword",  # of cases that are workflows of their own
    "CaseLevel": "Keyword",
}


def journey_workflow(journey_id: str) -> str:
    """The workflow id of a journey."""
    return f"journey/{journey_id}"


def broadcast_workflow(broadcast_id: str) -> str:
    """The workflow id of a broadcast."""
    return f"broadcast/{broadcast_id}"


def agenda_workflow(agenda_id: str, project: str) -> tuple[str, str]:
    """The workflow type and the workflow id of an agenda; a project is named by its code."""
    kind = kind_of(agenda_id)
    if kind is AgendaKind.PROJECT:
        return "ProjectCalendar", f"project/{project}"
    return (
        ("HandoverBatch", f"batch/{agenda_id}")
        if kind is AgendaKind.BATCH
        else ("OwnerJourney", journey_workflow(agenda_id))
    )


def recovery_workflow(epoch: int) -> str:
    """The workflow id of the search that follows a restore."""
    return f"recovery/{epoch}"


def template_test_workflow(test_id: str) -> str:
    """The workflow id of a test send."""
    return f"template-test/{test_id}"


def replan_workflow(change_id: str) -> str:
    """The workflow id of the re-planning that a change asks for."""
    return f"replan/{change_id}"
