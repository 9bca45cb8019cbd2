"""Ownership 产权: a home that changes hands, seen from both sides (A101; domain F 6).

The old owner's journey closes with `ownership.transferred` and does its last work: it begins the new owner's and hands
on what is open on the home; the deposit of a fit-out goes back to the one who paid it (`fit_out_end.py`). The new
owner's begins in occupancy with `ownership.began`: a welcome, an ambassador, the registration. The warranty ends stay
the home's.
"""

from journey.domain.asking import elsewhere, message, task
from journey.domain.contradictions import CLOSING
from journey.domain.facts import Facts
from journey.domain.items import Anchor
from journey.domain.numbers.ownership import OwnershipNumbers
from journey.domain.rules import Items, rule
from journey.domain.values import Role

BEGIN_NEXT = "ownership.begin-next"
CARRY_WORK = "ownership.carry-work"
CARRY_STEPS = "ownership.carry-steps"


def transferred(j: Facts) -> Anchor | None:
    """When the home went over to somebody else, if that closed the journey."""
    closed = j.closing is not None and j.closing.type == "ownership.transferred"
    return j.anchor(j.closing) if j.closing is not None and closed else None


# -- the old owner's last work ----------------------------------------------------------------------------------------


@rule(BEGIN_NEXT, zh="开立新业主旅程", asks="A101", since="2026.2", after_closing=True)
def begin_next(j: Facts, n: OwnershipNumbers) -> Items:
    """The new owners' journey of the home begins, in occupancy."""
    if went := transferred(j):
        yield elsewhere(j.episode, went, max(went.known_at, j.counts_from), occurrence=went.event)


@rule(CARRY_WORK, zh="未结报修随房移交", asks="A101 A024", since="2026.2", after_closing=True)
def carry_work(j: Facts, n: OwnershipNumbers) -> Items:
    """A defect that is not put right goes with the home and keeps its clocks; what its owner said of it stays here."""
    if went := transferred(j):
        open_then = {case.id for case in j.cases.transferred}
        for event in (each for each in j.all("defect.reported") if each.id in open_then):
            told = max(went.known_at, event.recorded_at, j.counts_from)
            yield elsewhere(j.episode, j.anchor(event), told, occurrence=event.id)


@rule(CARRY_STEPS, zh="报修进度随房移交", asks="A101 A024", since="2026.3", after_closing=True)
def carry_steps(j: Facts, n: OwnershipNumbers) -> Items:
    """What was done for a defect goes along with it: steps, rounds, pauses, its post and its level stay as they are."""
    if went := transferred(j):
        for case in j.cases.transferred:
            for kind, told_by in case.history:
                event = j.event(told_by)
                if event is not None:
                    yield elsewhere(
                        j.episode, j.anchor(event), max(went.known_at, event.recorded_at, j.counts_from),
                        occurrence=f"{case.id}-{event.id}", params={"case": case.id, "as": kind},
                    )  # fmt: skip


@rule("ownership.double-sale", zh="核实一房两主", asks="A101", since="2026.2", after_closing=True)
def double_sale(j: Facts, n: OwnershipNumbers) -> Items:
    """What closed this journey was taken back, and the home has another owner by now: a person settles whose it is."""
    if j.displaced_by is None or not j.judged.events:
        return
    closings = {event.id for event in j.judged.events if event.type in CLOSING}
    voids = {void for target, void in j.judged.voided.items() if target in closings}
    told = [event for event in j.judged.events if event.id in voids] or j.judged.events
    anchor = j.anchor(max(told, key=lambda event: (event.recorded_at, event.id)))
    yield task(
        j.episode, anchor, j.after(anchor, n.double_sale.within), n.double_sale, by=Role.LEGAL,
        params={"journey": j.displaced_by},
    )  # fmt: skip


# -- the new owner's beginning ----------------------------------------------------------------------------------------


@rule("ownership.welcome", zh="欢迎新业主", asks="A313 A114", since="2026.2")
def welcome(j: Facts, n: OwnershipNumbers) -> Items:
    """Who took a home over is welcomed and told who looks after him."""
    if began := j.taken_over:
        yield message(j.episode, began, j.after(began, n.welcome.within), n.welcome.window)


@rule("ownership.ambassador", zh="指定客户大使", asks="A438", since="2026.2")
def ambassador(j: Facts, n: OwnershipNumbers) -> Items:
    """The home has one customer ambassador, who knows of its new owner."""
    if began := j.taken_over:
        last = j.after(began, n.ambassador.within)
        yield task(j.episode, began, last, n.ambassador, by=Role.PROPERTY_CS)


@rule("ownership.registration", zh="新业主登记建档", asks="A405", since="2026.2")
def registration(j: Facts, n: OwnershipNumbers) -> Items:
    """The new owner is registered and a file opened: who lives there, how to reach them, what was handed over."""
    if began := j.taken_over:
        last = j.after(began, n.registration.within)
        yield task(j.episode, began, last, n.registration, by=Role.PROPERTY_CS)
