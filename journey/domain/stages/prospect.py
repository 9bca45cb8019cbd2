"""Prospect 潜在客户: somebody who asked about a home.

Entry: `lead.registered`; a journey of which nothing is told yet stands here. Exit: `subscription.signed` 认购 (or a
later fact, which implies it), or lost (`lead.lost`).

A contact is a call that reached the lead, or a visit. Each is written into the interactive file (A312), and starts the
clock of the next one (A425). A lead who takes back the consent to be addressed is not called again on our own account.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from journey.domain.asking import call, met_by, task
from journey.domain.clocks import local_date
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.items import Anchor, Ask
from journey.domain.numbers.base import Duty
from journey.domain.numbers.prospect import ProspectNumbers
from journey.domain.outcomes import KEYS_OVER
from journey.domain.person_facts import came_with_an_owner
from journey.domain.rules import Items, rule
from journey.domain.values import ConsentPurpose, MessageClass, Role, Stage

STAGE = Stage.PROSPECT
STALE = "prospect.stale-lead"
BOUGHT = ("subscription.signed", "contract.signed", "contract.filed", *KEYS_OVER)
ADDRESSED = (ConsentPurpose.MARKETING, ConsentPurpose.CARE)


def entered(j: Facts) -> bool:
    """Every journey begins here."""
    return True


@rule("prospect.first-contact", zh="首次联系客户", asks="A312 A425", since="2026.2")
def first_contact(j: Facts, n: ProspectNumbers) -> Items:
    """Sales speaks to whoever asked about a home, within a day."""
    if lead := _lead(j):
        spoken = met_by(j.anchor(j.contacts[0])) if j.contacts else None
        yield call(j.episode, lead, j.after(lead, n.first_contact.within), n.first_contact, by=Role.SALES, met=spoken)


@rule("prospect.consent", zh="征得联系授权", asks="A425 C8", since="2026.2")
def consent(j: Facts, n: ProspectNumbers) -> Items:
    """The lead is asked whether he may be written to, and the proof is kept; not where he was registered with it."""
    lead = _lead(j)
    if lead is None:
        return
    given = [event for event in j.all("consent.given") if event.data.get("purpose") in ADDRESSED]
    if given or not set(ADDRESSED) & set(j.record.consents.get(j.record.primary or "", {})):
        met = met_by(j.anchor(given[0])) if given else None
        yield task(j.episode, lead, j.after(lead, n.consent.within), n.consent, by=Role.SALES, met=met)


@rule("prospect.interaction-file", zh="补记互动档案", asks="A312 A425", since="2026.2")
def interaction_file(j: Facts, n: ProspectNumbers) -> Items:
    """Every contact with a lead is written into the interactive file; one told with notes is in it already.

    The file of a purchase is closed with the keys.
    """
    if j.lead and not j.keys:
        bought = j.first(*BOUGHT)
        for event in j.contacts:
            if bought is None or event.occurred_at < bought.at:
                yield file_entry(j, event, n.interaction_file)


@rule("prospect.follow-up", zh="持续跟踪客户", asks="A425", since="2026.2")
def follow_up(j: Facts, n: ProspectNumbers) -> Items:
    """A week after the last contact sales speaks to the lead again; also when the first contact never came about."""
    first = _lead(j)
    if first is None or _declined(j):
        return
    for since, following in _silences(j, first):
        last = j.after(since, n.follow_up.within)
        opens = j.day_of(j.shift(last, -n.follow_up_opens))
        if since.event == first.event and not _silent_until(j, opens, following):
            continue  # the first contact is in time: it starts the clock
        yield call(
            j.episode, since, last, n.follow_up, by=Role.SALES, occurrence=since.event, lead=n.follow_up_opens,
            follows=True, message_class=MessageClass.MARKETING, met=met_by(following),
        )  # fmt: skip


@rule(STALE, zh="客户久未联系预警", asks="A425", since="2026.2")
def stale_lead(j: Facts, n: ProspectNumbers) -> Items:
    """Nobody spoke to a lead for a month: sales keeps it or closes it. Asked again a month after it was kept."""
    first = _lead(j)
    if first is None or _declined(j):
        return
    for since, following in _silences(j, first, *j.done_of(STALE)):
        alert = j.day_of(j.after(since, n.stale_after))
        if _silent_until(j, alert, following):
            silent = replace(since, on=alert, known_at=max(since.known_at, j.opening_of(alert)))
            yield task(
                j.episode, silent, j.after(silent, n.stale_lead.within), n.stale_lead, by=Role.SALES,
                occurrence=since.event, met=met_by(following),
            )  # fmt: skip


def file_entry(j: Facts, event: Event, duty: Duty) -> Ask:
    """The line of a contact in the interactive file; notes told with it are that line."""
    contact = j.anchor(event)
    written = met_by(contact) if event.data.get("notes") else None
    return task(
        j.episode, contact, j.after(contact, duty.within), duty, by=Role.SALES, occurrence=event.id, met=written
    )


def _lead(j: Facts) -> Anchor | None:
    """The registration of a lead who has not bought yet."""
    return j.lead if j.lead and j.first(*BOUGHT) is None else None


def _declined(j: Facts) -> bool:
    """The lead's last word on being addressed is no (消费者权益保护法 art. 29); being listed is no word of his."""
    given = [event for event in j.all("consent.given") if not came_with_an_owner(event)]
    words = [*given, *j.all("consent.withdrawn")]
    said = [event for event in words if event.data.get("purpose") == ConsentPurpose.MARKETING]
    return bool(said) and max(said, key=lambda event: event.order).type == "consent.withdrawn"


def _silences(j: Facts, first: Anchor, *kept: Anchor) -> Iterator[tuple[Anchor, Anchor | None]]:
    """The registration, every contact and every decision to keep the lead, each with the contact that came next."""
    contacts = [j.anchor(event) for event in j.contacts]
    for since in sorted((first, *contacts, *kept), key=lambda start: start.at):
        yield (
            replace(since, on=local_date(since.at, j.zone)),
            next((one for one in contacts if one.at > since.at), None),
        )


def _silent_until(j: Facts, day: date, following: Anchor | None) -> bool:
    """Whether a day began with nobody having spoken to the lead."""
    return (following is None or following.at >= j.begins(day)) and j.begun(day)
