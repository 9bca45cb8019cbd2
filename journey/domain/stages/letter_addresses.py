"""Letters that cannot be sent off 无处投递的函件: whoever has no postal address is asked for one."""

from collections.abc import Mapping

from journey.domain.asking import met_by, task
from journey.domain.clocks import local_date
from journey.domain.entries import Entry
from journey.domain.event_types.channels import POST_CHANNEL
from journey.domain.event_types.people import ADDRESS_TOLD
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.items import Anchor, Met, key_of
from journey.domain.letters import LETTERS, proofs_for, returned
from journey.domain.numbers.letter import LetterNumbers
from journey.domain.outcomes import FORMAL_NOTICE
from journey.domain.reported import end_of
from journey.domain.rules import Items, rule
from journey.domain.values import Role

FIND = "letter.find-address"


@rule(FIND, zh="查找通讯地址", asks="A022 C1", since="2026.3")
def find_address(j: Facts, n: LetterNumbers) -> Items:
    """A letter is due to an owner of whom no address is known: the keeper asks for it, so that it can be printed."""
    if n.find_address is None:
        return
    for owner, entry in _waiting(j).items():
        rule_id, _, named = entry.key.split("/", 2)
        occurrence = f"{rule_id}/{named}"
        anchor = _since(j, entry)
        met = _told(j, owner, anchor) if owner not in j.record.no_post else None
        if owner in j.record.no_post or (met and key_of(FIND, j.episode, occurrence) in j.record.entries):
            yield task(
                j.episode, anchor, j.after(anchor, n.find_address.within), n.find_address, by=Role.KEEPER,
                occurrence=occurrence, met=met, params={"person": owner, "letter": rule_id},
            )  # fmt: skip


def _waiting(j: Facts) -> Mapping[str, Entry]:
    """By owner: the letter to him that has waited longest. One that came back has a rule of its own."""
    back = {(rule_id, occurrence) for _, rule_id, occurrence in returned(j)}
    found: dict[str, Entry] = {}
    for entry in j.record.entries.values():
        rule_id, _, occurrence = entry.key.split("~", 1)[0].split("/", 2)
        if rule_id not in LETTERS or not entry.running or entry.opened_at is None:
            continue
        owner = occurrence.rsplit("/", 1)[-1]
        if (rule_id, occurrence) in back or _served(j, rule_id, occurrence, owner) or end_of(entry, j) is not None:
            continue
        first = found.get(owner)
        if first is None or (entry.opened_at, entry.key) < (first.opened_at, first.key):
            found[owner] = entry
    return found


def _served(j: Facts, rule_id: str, occurrence: str, owner: str) -> bool:
    """Whether it reached him in another way, or the keys did: its own entry says so only after this plan."""
    handed_over = rule_id == FORMAL_NOTICE and j.keys is not None
    return handed_over or bool(proofs_for(j, rule_id, occurrence, owner))


def _since(j: Facts, entry: Entry) -> Anchor:
    """When the letter was opened, as what the task hangs on."""
    opened = entry.opened_at
    assert opened is not None  # only those are looked at
    event = entry.anchor_event or entry.task or j.episode
    return Anchor(local_date(opened, j.zone), opened, opened, event, entry.moved_by or event)


def _told(j: Facts, owner: str, since: Anchor) -> Met | None:
    """The word that gave the address, after the letter was due."""
    told = [one for kind in ADDRESS_TOLD for one in j.all(kind) if _of(one, owner) and one.recorded_at >= since.at]
    return met_by(j.anchor(min(told, key=lambda one: one.order))) if told else None


def _of(event: Event, owner: str) -> bool:
    return event.person == owner and event.data.get("channel") == POST_CHANNEL
