"""Letters 书面函件: which of them were sent off, which were proved to have arrived, which came back.

A fact names its letter by `about`: the rule and the occurrence of the item, or the rule and the owner. Only proof of
service makes it served: that the post delivered it under its number is one (EMS). A letter that was reported done was
handed to the post.
"""

from collections.abc import Collection, Sequence
from datetime import date

from journey.domain.base_facts import BaseFacts
from journey.domain.decided import skips_of
from journey.domain.entries import ENDED, Entry, State
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.items import Anchor, Met
from journey.domain.outcomes import FORMAL_NOTICE, LETTER_DELIVERED
from journey.domain.reasons import Reason
from journey.domain.results import Result

# Rules of letters that go by post, one to each owner: his id stands at the end of the occurrence.
LETTERS = frozenset({FORMAL_NOTICE, "handover.delay-letter", "handover.deemed-letter"})
PRINTED = LETTERS | {"fit-out.stop-notice"}  # what a print run takes: that one is handed over on the site
BACK = "returned"  # the outcome of a letter that came back 退回
DELIVERED = LETTER_DELIVERED
RETURNED = "letter.returned"


def proofs_of(j: BaseFacts, rule: str, occurrence: str) -> Sequence[Anchor]:
    """The proved deliveries of a letter, in order; a repeat of it counts as the letter that it repeats."""
    return [j.anchor(event) for event in j.all(DELIVERED) if _is_of(event, rule, occurrence, j.record.owners)]


def proofs_for(j: Facts, rule: str, occurrence: str, owner: str) -> Sequence[Anchor]:
    """The proofs that a letter reached an owner; those of the formal notice are facts of their own as well."""
    return j.served_to(owner) if rule == FORMAL_NOTICE else proofs_of(j, rule, occurrence)


def served_by(proofs: Sequence[Anchor]) -> Met | None:
    """The first proof as what satisfies a letter."""
    return Met(at=proofs[0].at, event=proofs[0].event, served=True, on=proofs[0].on) if proofs else None


def posted(j: BaseFacts, key: str, on: date) -> dict[str, Anchor]:
    """When a letter for a day, or a repeat of it, was reported done and not served: by the key it was sent under."""
    sent = {entry.task: entry for entry in j.record.entries.values() if entry.task and entry.key.split("~")[0] == key}
    ended: dict[str, Result] = {}
    for result in (one for one in j.results if one.outcome in ("done", "refused")):
        entry = sent.get(result.task) if result.task else j.record.entries.get(key)
        about = entry is not None if result.task else _about(result, key, entry)
        if about and (entry is None or _rests_on_results(j, entry, on)):
            ended.setdefault(entry.key if entry is not None else key, result)
    events = {under: j.event(result.event) for under, result in ended.items() if result.outcome == "done"}
    return {under: j.anchor(event) for under, event in events.items() if event is not None}


def _rests_on_results(j: BaseFacts, entry: Entry, on: date) -> bool:
    """Whether what was reported of a letter decides on it: nobody skipped it, no proof stands, its day did not move."""
    if skips_of(j, entry.key) or (entry.state is State.SERVED and j.event(entry.fact) is not None):
        return False
    stands = entry.state not in ENDED or entry.state is State.SERVED
    return entry.anchor_on == on or (stands and _follows_its_day(j, entry.key))


def _follows_its_day(j: BaseFacts, key: str) -> bool:
    """Whether a letter goes along when its day moves, as a redo does; one sent again for a day is for that day."""
    _, again, by = key.partition("~")
    event = j.event(by) if again else None
    return not again or (event is not None and event.type == "item.redone")


def _about(result: Result, key: str, entry: Entry | None) -> bool:
    """Whether a result that names no task is about a letter: by its occurrence, or else while its task ran."""
    rule, _, occurrence = key.split("/", 2)
    if result.rule != rule or result.occurrence not in (None, occurrence):
        return False
    begun = entry.opened_at if entry is not None else None
    return result.occurrence is not None or (begun is not None and result.at >= begun)


def returned(j: BaseFacts) -> Sequence[tuple[Event, str, str]]:
    """Every letter that came back, with the rule and the occurrence that it was sent for."""
    named = [(event, *_named(event)) for event in j.all(RETURNED)]
    return [(event, rule, occurrence) for event, rule, occurrence in named if rule]


def missing_of(event: Event, owners: Collection[str]) -> Reason | None:
    """What a delivery lacks to prove anything: which letter it was, or which of several owners it went to."""
    rule, occurrence = _named(event)
    if not rule:
        return Reason("letter-proves-nothing", {"missing": "about.item"})
    if not occurrence and event.person is None and len(owners) > 1:
        return Reason("letter-proves-nothing", {"missing": "person"})
    return None


def _is_of(event: Event, rule: str, occurrence: str, owners: Collection[str]) -> bool:
    """Whether a delivery is of a letter; one that names no occurrence is of its owner's, or of the only owner's."""
    item, named = _named(event)
    if item != rule or missing_of(event, owners) is not None:
        return False
    to = occurrence.rsplit("/", 1)[-1]
    return named == occurrence or (not named and (event.person is None or to not in owners or to == event.person))


def _named(event: Event) -> tuple[str, str]:
    about = event.about or {}
    return str(about.get("item") or ""), str(about.get("occurrence") or "").split("~", 1)[0]
