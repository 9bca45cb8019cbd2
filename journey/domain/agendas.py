"""Whose agenda it is: an owner's journey, a handover batch or a project. All three live on the same loop."""

from enum import StrEnum


class AgendaKind(StrEnum):
    """What an agenda belongs to; rules name the kind that they ask on."""

    JOURNEY = "journey"
    BATCH = "batch"
    PROJECT = "project"


_BY_PREFIX = {"bat": AgendaKind.BATCH, "prj": AgendaKind.PROJECT}


def kind_of(agenda_id: str) -> AgendaKind:
    """The kind of an agenda by the prefix of its id (`bat_…`, `prj_…`); everything else is a journey."""
    return _BY_PREFIX.get(agenda_id.partition("_")[0], AgendaKind.JOURNEY)
