"""Occupancy 入住: from the keys until the last finite warranty item has ended and nothing is open.

Entry: `handover.accepted`, `.conditional` or `.deemed`; `moved_in` is a flag beside it. Exit: `aftercare`.
Segments (磨合期, 稳定期, 老业主) stand in `journey/domain/segments.py`. Beside it: `fit_out.py` (装修), `greetings.py`
(birthday, anniversary, moving in), `owner_care.py` (suggestions, care by tag, gifts), `next_contact.py` (留守老人).
Tenants and businesses that open are kept as facts only.

Posts: project customer service until the home is settled in, the property company for daily life; at two years the home
goes over from developer customer service to the property company. Each escalates as its duty in the pack says.
"""

from dataclasses import replace
from datetime import timedelta
from hashlib import blake2b
from math import ceil

from journey.domain.asking import call, message, survey, task
from journey.domain.case_values import CaseKind
from journey.domain.facts import Facts
from journey.domain.numbers.occupancy import OccupancyNumbers
from journey.domain.reasons import Reason
from journey.domain.recurring import month_end
from journey.domain.rules import Items, rule
from journey.domain.segments import segment_numbers, segment_of
from journey.domain.surveys import MOVE_IN_SURVEY, answer_to
from journey.domain.takeover import readiness
from journey.domain.values import ItemKind, MessageClass, Role, Stage

STAGE = Stage.OCCUPANCY
DAY = timedelta(days=1)


def entered(j: Facts) -> bool:
    """The home is in the owner's hands."""
    return j.at_home_since is not None


# -- with the keys ----------------------------------------------------------------------------------------------------


@rule("occupancy.ambassador", zh="指定客户大使", asks="A438", since="2026.2")
def ambassador(j: Facts, n: OccupancyNumbers) -> Items:
    """Every home has a customer ambassador of its own (客户大使,专人负责)."""
    if j.keys:
        yield task(j.episode, j.keys, j.after(j.keys, n.ambassador.within), n.ambassador, by=Role.PROJECT_CS)


@rule("occupancy.property-fee", zh="物业费承担说明", asks="C1", since="2026.2")
def property_fee(j: Facts, n: OccupancyNumbers) -> Items:
    """The owner learns from when the property fee is his: ours to the month of handover (京物 art. 22)."""
    if j.keys:
        params = {"owner_pays_from": (month_end(j.keys.on) + DAY).isoformat()}
        yield message(j.episode, j.keys, j.after(j.keys, n.property_fee.within), n.property_fee.window, params=params)


@rule("occupancy.moving-services", zh="搬迁期物业特色服务", asks="A023", since="2026.2")
def moving_services(j: Facts, n: OccupancyNumbers) -> Items:
    """Before he moves in the owner hears what the property company does for a move."""
    if j.keys and not j.all("moved_in"):
        yield message(
            j.episode, j.keys, j.after(j.keys, n.moving_services.within), n.moving_services.window,
            message_class=MessageClass.CARE,
        )  # fmt: skip


@rule("occupancy.licence-papers", zh="提供办证资料", asks="A037", since="2026.2")
def licence_papers(j: Facts, n: OccupancyNumbers) -> Items:
    """Business premises: the papers that a licence needs are handed over unasked; the pack says whether."""
    if j.keys and n.licence_papers:
        yield task(j.episode, j.keys, j.after(j.keys, n.licence_papers.within), n.licence_papers, by=Role.DEVELOPER_CS)


# -- the first months -------------------------------------------------------------------------------------------------


@rule("occupancy.residents", zh="入住登记与档案核对", asks="A405", since="2026.2")
def residents(j: Facts, n: OccupancyNumbers) -> Items:
    """Who lives in the home is registered when they move in, and the customer file checked against it."""
    if moved := j.first("moved_in"):
        yield task(j.episode, moved, j.after(moved, n.residents.within), n.residents, by=Role.PROPERTY_CS)


@rule(MOVE_IN_SURVEY, zh="上月入住客户集团回访", asks="A436 C1", since="2026.2", opens=CaseKind.SURVEY)
def move_in_survey(j: Facts, n: OccupancyNumbers) -> Items:
    """Those handed over last month are asked about it by the fifth working day: service and rectification."""
    if j.keys:
        yield survey(
            j.episode, j.keys, j.shift(month_end(j.keys.on), n.move_in_survey.within), n.move_in_survey,
            by=Role.GROUP_CS, met=answer_to(j, MOVE_IN_SURVEY, since=j.begins(j.keys.on)), params=_focus(j),
        )  # fmt: skip


@rule("occupancy.home-visit", zh="入户回访", asks="C1", since="2026.2")
def home_visit(j: Facts, n: OccupancyNumbers) -> Items:
    """A tenth of the homes of a batch, sixty at most, are visited within half a year: drawn by lot, once for all."""
    if j.keys and _is_drawn(j, n):
        asked = call(
            j.episode, j.keys, j.after(j.keys, n.home_visit.within), n.home_visit, by=Role.AMBASSADOR,
            kind=ItemKind.VISIT, params=_focus(j),
        )  # fmt: skip
        yield replace(asked, lead=n.home_visits.opens, because=(Reason("drawn", {"percent": n.home_visits.percent}),))


# -- afterwards -------------------------------------------------------------------------------------------------------


@rule("occupancy.property-takeover", zh="客户服务移交物业", asks="A101 A113", since="2026.2")
def property_takeover(j: Facts, n: OccupancyNumbers) -> Items:
    """The home goes over from developer customer service to the property company, once that is ready for it.

    Ready: so many months on time, nothing open at the group (domain I); how that stands is shown from the day on which
    the task opens. The day is a target, a person decides.
    """
    if j.keys is None:
        return
    numbers = n.property_takeover
    last = j.after(j.keys, numbers.within)
    if numbers.at_warranty_end:
        if j.warranty_ends is None:
            return
        last = j.day_of(j.warranty_ends)
    wanted = {"on_time_percent": numbers.on_time_percent, "months": numbers.months}
    opens = j.day_of(j.shift(j.begins(last), -j.pack.time.task_lead))
    found = readiness(j, numbers) if j.begun(opens) else None
    yield task(
        j.episode, j.keys, last, numbers, by=Role.DEVELOPER_CS, kind=ItemKind.GATE,
        because=found.reasons if found else (), params={**wanted, **(found.params if found else {})},
    )  # fmt: skip


def _focus(j: Facts) -> dict[str, object]:
    """The owner's segment and what it cares for most (A002)."""
    segment = segment_of(j)
    return {"segment": segment.value, "focus": list(segment_numbers(j).focus.of(segment))}


def _is_drawn(j: Facts, n: OccupancyNumbers) -> bool:
    """Whether the lot falls on this home: by its place in the batch, or alone by its own id."""
    place = j.record.batch.place
    if place is None:
        lot = int.from_bytes(blake2b(j.episode.encode(), digest_size=4).digest())
        return lot * 100 < n.home_visits.percent * 2**32
    return place.rank < min(ceil(place.homes * n.home_visits.percent / 100), n.home_visits.most)
