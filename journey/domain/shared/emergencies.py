"""Emergencies: everybody in scope is told at once on every channel, and a post follows it up (A407)."""

from datetime import datetime

from journey.domain.agendas import AgendaKind
from journey.domain.asking import message, task
from journey.domain.events import Event
from journey.domain.items import DayRule
from journey.domain.numbers.broadcast import BroadcastNumbers, EmergencyNumbers
from journey.domain.rules import BROADCAST, Items, rule
from journey.domain.shared.facts import ProjectFacts
from journey.domain.values import MessageClass, Role, Stage

EMERGENCY = "project.emergency"
OWNERS = tuple(stage.value for stage in Stage if stage is not Stage.PROSPECT)  # who only asked about a home is none


@rule(
    EMERGENCY, zh="紧急通告", asks="A407", since="2026.3", of=AgendaKind.PROJECT, executor=BROADCAST,
    section="broadcast",
)  # fmt: skip
def emergency(p: ProjectFacts, n: BroadcastNumbers) -> Items:
    """Owners and co-owners in scope are told at once, day and night, by every channel that reaches them."""
    numbers = n.emergency
    if numbers is None:
        return
    for event in p.all("emergency.declared"):
        anchor, closes = p.anchor(event), _closes(p, event, numbers)
        yield message(
            p.episode, anchor, anchor.known_at if anchor.known_at < closes else anchor.at, numbers.window,
            occurrence=event.id, message_class=MessageClass.EMERGENCY, day=DayRule.PLAIN, closes=closes,
            params={
                "event": event.id, "scope": dict(event.scope or {}), "channels": list(numbers.channels),
                "stages": list(OWNERS), "each": True, "everyone": True,
            },
        )  # fmt: skip


@rule(
    "project.emergency-follow-up", zh="紧急处置与逐户联系", asks="A407", since="2026.3", of=AgendaKind.PROJECT,
    section="broadcast",
)  # fmt: skip
def follow_up(p: ProjectFacts, n: BroadcastNumbers) -> Items:
    """The post acts at once, and reaches those who could not be written to."""
    if n.emergency is None:
        return
    duty = n.emergency.follow_up
    for event in p.all("emergency.declared"):
        anchor = p.anchor(event)
        yield task(
            p.episode, anchor, p.shift(anchor.at, duty.within), duty, by=Role.PROPERTY_CS, occurrence=event.id,
            day=DayRule.PLAIN, params={"event": event.id, "scope": dict(event.scope or {})},
        )  # fmt: skip


def _closes(p: ProjectFacts, event: Event, n: EmergencyNumbers) -> datetime:
    closes = p.shift(event.occurred_at, n.window)
    assert isinstance(closes, datetime)  # an instant in, an instant out
    return closes
