"""Owners whom nobody reaches before the handover: the co-owner, then a visit; a wrong number is replaced first.

Nobody is sought any more who came, whatever came of his visit.
"""

from collections.abc import Sequence
from dataclasses import replace

from journey.domain.asking import call, met_by, task
from journey.domain.clocks import local_date
from journey.domain.event_types.channels import POST_CHANNEL
from journey.domain.event_types.people import ADDRESS_TOLD
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.items import Anchor
from journey.domain.numbers.handover import HandoverNumbers
from journey.domain.rules import Items, rule
from journey.domain.values import ItemKind, Role

CALL = "handover.call"
CO_OWNER = "handover.call-co-owner"


@rule(CO_OWNER, zh="改联系共有人", asks="A021", since="2026.1")
def call_co_owner(j: Facts, n: HandoverNumbers) -> Items:
    """Every attempt at the household's first contact failed: the co-owners are called, one after the other is tried."""
    if j.expected is None:
        return
    for event in _unreached(j, CALL, n.call.attempts):
        for owner in j.owners[1:]:
            anchor = _told(j, event)
            yield call(
                j.episode, anchor, j.after(anchor, n.co_owner_call.within), n.co_owner_call, by=Role.KEEPER,
                occurrence=f"{event.id}/{owner}", params={"person": owner},
            )  # fmt: skip


@rule("handover.visit-unreachable", zh="上门或邮寄联系", asks="A021", since="2026.1")
def visit(j: Facts, n: HandoverNumbers) -> Items:
    """Nobody of the household was reached by phone: somebody goes there, or it is put in writing."""
    if j.expected is None:
        return
    tried = _unreached(j, CALL, n.call.attempts)
    others = len(j.owners) - 1
    failed = _unreached(j, CO_OWNER, n.co_owner_call.attempts) if others else tried
    for event in tried:
        of_it = [one for one in failed if one is event or others]
        if not others or len(of_it) >= others:
            anchor = _told(j, of_it[-1])
            yield call(
                j.episode, anchor, j.after(anchor, n.visit.within), n.visit, by=Role.KEEPER, kind=ItemKind.VISIT,
                occurrence=event.id,
            )  # fmt: skip


@rule("handover.find-contact", zh="查找有效联系方式", asks="A021", since="2026.1")
def find_contact(j: Facts, n: HandoverNumbers) -> Items:
    """An owner is left without any valid address (wrong number): a new one is found and verified before it is used."""
    if j.handover_date is None or j.keys:
        return
    for owner in j.owners:
        invalid = [event for event in j.all("contact.invalid") if _speaks_to(event, owner)]
        since = j.record.no_contact.get(owner)
        handled = j.pack.contact is not None and bool(invalid and invalid[-1].data.get("cause"))
        if since is not None and invalid and not handled:  # `contact.verify` sees to what owners and carriers told us
            found = [
                e for kind in ADDRESS_TOLD for e in j.all(kind) if _speaks_to(e, owner) and e.order > invalid[-1].order
            ]
            anchor = _told(j, invalid[-1])
            yield task(
                j.episode, anchor, j.after(anchor, n.find_contact.within), n.find_contact, by=Role.KEEPER,
                occurrence=invalid[-1].id, met=met_by(j.anchor(found[0])) if found else None,
                params={"person": owner},
            )  # fmt: skip


def _speaks_to(event: Event, owner: str) -> bool:
    """Whether news of an address is about a way to speak to an owner; where letters go is none."""
    return event.person == owner and event.data.get("channel") != POST_CHANNEL


def _unreached(j: Facts, rule_id: str, attempts: int) -> Sequence[Event]:
    """The last attempt of each task of a rule that ended without reaching anybody."""
    found: list[Event | None] = []
    for entry in j.record.entries.values():
        if entry.task is not None and entry.key.startswith(f"{rule_id}/"):
            told = [one for one in j.results if one.task == entry.task or (one.task is None and one.rule == rule_id)]
            if len(told) >= attempts and all(one.outcome == "not-reached" for one in told):
                found.append(j.event(told[-1].event))
    return [event for event in found if event is not None]


def _told(j: Facts, event: Event) -> Anchor:
    """The event as an anchor on the day it was told of: an attempt has no `on` of its own."""
    anchor = j.anchor(event)
    return replace(anchor, on=local_date(anchor.at, j.zone))
