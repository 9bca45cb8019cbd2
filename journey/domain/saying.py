"""What the parameters of an item say in a template: dates as dates, posts in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from journey.domain.feasts import Feast
from journey.domain.values import Component, Milestone, Role, label

DAYS = ("valid_until", "owner_pays_from", "fit_out_covered_until", "waterproof_covered_until")
SAID = (*DAYS, "work_hours", "route", "landscaping")
ON_PAPER: Final = ("letter.", "poster.")  # what names of such texts begin with: no phone receives them
MOVED: Final = "moved"  # the text that says of any item that its date has moved

# What every text knows of its reader and his home; a set names the fields of an object, None stands for a plain value.
COMMON: Final[Mapping[str, frozenset[str] | None]] = {
    "owner": frozenset({"name"}),
    "unit": frozenset({"code", "building"}),
    "project": frozenset({"name"}),
    "keeper": None,
}


@dataclass(frozen=True, slots=True)
class Says:
    """The variables that the items of a rule fill beside the common ones; what is said only `sometimes` may be None."""

    always: frozenset[str] = frozenset()
    sometimes: frozenset[str] = frozenset()

    @property
    def every(self) -> frozenset[str]:
        """Both."""
        return self.always | self.sometimes


def _says(*always: str, sometimes: tuple[str, ...] = ()) -> Says:
    return Says(frozenset(always), frozenset(sometimes))


# By rule: what its messages say. A rule that is not here says nothing but what is common.
SAYS: Final[Mapping[str, Says]] = {
    MOVED: _says(
        "moved_from", "moved_to", sometimes=("handover_on", "valid_until", "until", "session_on", "session_at")
    ),
    "broadcast.notice": _says("words"),
    "fit-out.permit-expiring": _says("valid_until"),
    "fit-out.permit-told": _says("valid_until", "work_hours"),
    "fit-out.warranty-told": _says("fit_out_covered_until", "waterproof_covered_until"),
    "handover.information": _says("handover_on"),
    "handover.maintenance-fund": _says("handover_on"),
    "handover.notice": _says("handover_on"),
    "handover.reminder": _says("handover_on"),
    "letter.handover.deemed-letter": _says("handover_on"),
    "letter.handover.delay-letter": _says("handover_on"),
    "letter.handover.formal-notice": _says("handover_on"),
    "occupancy.property-fee": _says("owner_pays_from"),
    "occupancy.repair-route": _says("route"),
    "poster.batch.handover-posting": _says("building", "handover_on"),
    "poster.project.emergency-posting": _says("building", "notice_text"),
    "poster.project.warranty-posting": _says("building", "components", "ends_on"),
    "pre-handover.open-day-reminder": _says("session_on", "session_at"),
    "pre-handover.progress-summary": _says("milestones", sometimes=("landscaping",)),
    "project.emergency": _says("words"),
    "project.greeting": _says("feast"),
    "project.milestone-news": _says("milestones", sometimes=("landscaping",)),
    "repair.appointment-reminder": _says("slot_on", "slot_at"),
    "signing.free-cancellation": _says("until"),
    "warranty.expiry-notice": _says("components", "ends_on", "days_left"),
}


def says(template: str) -> Says:
    """What the items say whose text this is."""
    return SAYS.get(template, Says())


def in_language(words: Mapping[str, Any], language: str) -> dict[str, Any]:
    """What is said in somebody's own words: by language where it was written in several, Chinese where it was not."""
    spoken = "zh" if language.startswith("zh") else "en"
    return {
        name: value.get(spoken) or value["zh"] if isinstance(value, Mapping) else value for name, value in words.items()
    }


def said(params: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Every variable of `SAID`; None, or an empty list, for what the item does not say.

    `landscaping` is true of news that the landscaping began: it introduces the community and its surroundings (A017).
    """
    days = {name: date.fromisoformat(params[name]) if params.get(name) else None for name in DAYS}
    route = [_post(post, language) for post in params.get("route", ())]
    return {
        **days,
        "work_hours": list(params.get("work_hours", ())),
        "route": route,
        "landscaping": Milestone.LANDSCAPE_STARTED.value in params.get("milestones", ()) or None,
    }


def _post(post: Mapping[str, Any], language: str) -> str:
    """A post with who holds it: 物业客服(王工), Property customer service (Wang)."""
    holders = post.get("by") or ()
    if language.startswith("zh"):
        return f"{post['zh']}({'、'.join(holders)})" if holders else str(post["zh"])
    return f"{post['en']} ({', '.join(holders)})" if holders else str(post["en"])


def worded(variables: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Components, milestones, feasts and posts by their names in the reader's language."""
    return {
        **variables,
        "components": _names(Component, variables["components"], language),
        "milestones": _names(Milestone, variables["milestones"], language),
        "feast": "".join(_names(Feast, [variables["feast"]], language)),
        "keeper": label(Role.KEEPER, language),
    }


def _names(values: type[Component | Milestone | Feast], ids: list[str], language: str) -> list[str]:
    known = _labels(values, language)
    return [known.get(one, one) for one in ids]


@lru_cache(maxsize=64)
def _labels(values: type[Component | Milestone | Feast], language: str) -> Mapping[str, str]:
    return {value.value: label(value, language) for value in values}
