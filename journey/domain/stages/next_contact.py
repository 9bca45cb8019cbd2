"""The next contact of an owner who lives alone 留守老人: asked for once, told after each visit (A204, domain I).

`tag.added` names the next contact in `inform`, by the ref of a person; the last one told counts. Which tags have one,
and how soon he is told, stands with their care in the pack.
"""

from collections.abc import Iterator, Mapping, Sequence

from journey.domain.asking import call, met_by, task
from journey.domain.events import Event
from journey.domain.facts import Facts
from journey.domain.items import Anchor, key_of
from journey.domain.numbers.occupancy import OccupancyNumbers, TagCare
from journey.domain.rules import Items, rule
from journey.domain.stages.owner_care import TAG_CARE, tags_of
from journey.domain.tags import have_one_of
from journey.domain.values import MessageClass, Role

AT_MOST = 2  # visits that are still news: the last one, and the one before it


@rule("occupancy.next-contact", zh="登记紧急联系人", asks="A204", since="2026.3")
def next_contact(j: Facts, n: OccupancyNumbers) -> Items:
    """Of an owner who lives alone it is known whom to tell how he is."""
    for care, tagged in _visited(j, n):
        if care.next_contact is not None:
            yield task(
                j.episode, tagged, j.after(tagged, care.next_contact.within), care.next_contact, by=Role.PROPERTY_CS,
                occurrence=f"{care.care}/{tagged.event}", met=met_by(_named(j, care)[1]), params={"care": care.care},
            )  # fmt: skip


@rule("occupancy.inform-next-contact", zh="探视后知会联系人", asks="A204", since="2026.3")
def inform_next_contact(j: Facts, n: OccupancyNumbers) -> Items:
    """After each visit to an owner who lives alone his next contact hears how he is."""
    for care, _ in _visited(j, n):
        if care.inform is not None:
            named, _ = _named(j, care)
            for visit in _visits(j, care)[-AT_MOST:]:
                yield call(
                    j.episode, visit, j.after(visit, care.inform.within), care.inform, by=Role.PROPERTY_CS,
                    occurrence=f"{care.care}/{visit.event}", message_class=MessageClass.CARE,
                    params={"care": care.care, **({"inform": named} if named else {})},
                )  # fmt: skip


def _visited(j: Facts, n: OccupancyNumbers) -> Iterator[tuple[TagCare, Anchor]]:
    """The cares whose tags stand at home, each with the first of them."""
    if j.at_home_since is None or (j.warranty_ends is not None and j.now > j.warranty_ends):
        return
    tagged: Mapping[str, Anchor] = tags_of(j)
    for care in n.tag_care if tagged else ():
        since = [anchor for tag, anchor in tagged.items() if have_one_of([tag], care.tags)]
        if since:
            yield care, min(since, key=lambda anchor: anchor.at)


def _named(j: Facts, care: TagCare) -> tuple[str | None, Anchor | None]:
    """The next contact told last with a tag of a care, by ref, and the fact that says so."""
    naming = [event for event in j.all("tag.added") if event.data.get("inform")]
    told = [event for event in naming if have_one_of([str(event.data.get("tag"))], care.tags)]
    last: Event | None = max(told, key=lambda event: event.order, default=None)
    return (str(last.data["inform"]), j.anchor(last)) if last is not None else (None, None)


def _visits(j: Facts, care: TagCare) -> Sequence[Anchor]:
    """The visits of a care that were made, in order."""
    rounds = key_of(TAG_CARE, j.episode, f"{care.care}/")
    tasks = {entry.task for key, entry in j.record.entries.items() if entry.task and key.startswith(rounds)}
    made = [
        one for one in j.results if one.outcome == "done" and _of(care, one.task in tasks, one.rule, one.occurrence)
    ]
    events = [j.event(one.event) for one in made]
    return [j.anchor(event) for event in events if event is not None]


def _of(care: TagCare, by_task: bool, rule_id: str | None, occurrence: str | None) -> bool:
    return by_task or (rule_id == TAG_CARE and (occurrence or "").startswith(f"{care.care}/"))
