"""What a project tells its owners: news of milestones, and greetings on feasts (A014, A016–018, A315, A430; C6, C7).

Each item is a broadcast: the project's agenda says when, the broadcast whom, and each send whether.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from journey.domain.agendas import AgendaKind
from journey.domain.asking import message
from journey.domain.clocks import at, local_date
from journey.domain.entries import WENT_OUT
from journey.domain.feasts import Feast, feasts_of
from journey.domain.items import Anchor, DayRule, key_of
from journey.domain.news import News, Reached, news_of
from journey.domain.numbers.broadcast import BroadcastNumbers
from journey.domain.periods import Period
from journey.domain.rules import BROADCAST, Items, rule
from journey.domain.shared.facts import ProjectFacts
from journey.domain.values import MessageClass, Stage

GREETING = "project.greeting"
NEWS = "project.milestone-news"
TOLD = (Stage.PRE_HANDOVER.value, Stage.HANDOVER.value)  # who has bought and does not live there yet
LOOKED_BACK = timedelta(days=7)  # a feast that an outage of ours missed is still written down as missed


@rule(
    NEWS, zh="工程进度播报", asks="A016 A017 A018 A315 A430 C6", since="2026.2", of=AgendaKind.PROJECT,
    executor=BROADCAST, section="broadcast",
)  # fmt: skip
def milestone_news(p: ProjectFacts, n: BroadcastNumbers) -> Items:
    """Buyers hear of each milestone of their building within two working days; those of one week in one message.

    What a message told is never told again, though the fact that named the message is voided, or the milestone is told
    anew with another day. One reached only after its message went out is news: what went out was wrong.
    """
    told = [
        Reached(str(e.data.get("milestone")), e.scope or {}, p.anchor(e), e.recorded_at)
        for e in p.all("milestone.reached")
    ]
    for news in news_of(told, p.pack, p.calendar, p.zone):
        fresh = _not_told_by_another(p, news)
        if fresh:
            yield message(
                p.episode, news.first.anchor, news.last, n.milestone_news.window, occurrence=news.first.anchor.event,
                params={"milestones": fresh, "scope": dict(news.first.scope), "stages": list(TOLD)},
            )  # fmt: skip


@rule(
    GREETING, zh="节日问候", asks="A014 C7", since="2026.2", of=AgendaKind.PROJECT, executor=BROADCAST,
    section="broadcast",
)  # fmt: skip
def greeting(p: ProjectFacts, n: BroadcastNumbers) -> Items:
    """Owners and co-owners who agreed to care are greeted on feasts, each once however many homes he has (F7)."""
    first, last = n.greeting_hours
    for feast, day in _feasts(p, n):
        due, closes = at(day, first, p.zone), at(day, last, p.zone)
        begun = max(p.counts_from, at(date(day.year, 1, 1), time(0), p.zone))
        yield message(
            p.episode, Anchor(day, begun, begun, p.episode, p.episode), due, Period(days=1),
            occurrence=f"{feast.value}/{day.year}", message_class=MessageClass.CARE, day=DayRule.PLAIN, closes=closes,
            params={
                "feast": feast.value, "day": day.isoformat(), "hours": [first.isoformat(), last.isoformat()],
                "tags": list(n.feasts[feast]), "each": True, "everyone": True,
            },
        )  # fmt: skip


def _not_told_by_another(p: ProjectFacts, news: News) -> list[str]:
    """The milestones of a message that no other message of that place, gone out on their day or later, has told."""
    gone: set[str] = set()
    own = key_of(NEWS, p.episode, news.first.anchor.event)
    days = {one.milestone: one.anchor.on for one in news.reached}
    for key, entry in p.record.entries.items():
        if key.startswith(f"{NEWS}/") and key.split("~", 1)[0] != own and entry.state in WENT_OUT and entry.item:
            params, day = entry.item["params"], local_date(entry.at, p.zone)
            if params.get("scope", {}) == news.first.scope:
                gone |= {name for name in params.get("milestones", ()) if name in days and days[name] <= day}
    return [name for name in news.milestones if name not in gone]


def _feasts(p: ProjectFacts, n: BroadcastNumbers) -> Iterator[tuple[Feast, date]]:
    """The feasts of the last week, and the next one ahead."""
    since = max((p.now - LOOKED_BACK), p.counts_from)
    for year in (p.today.year - 1, p.today.year, p.today.year + 1):
        for feast, day in feasts_of(year, n.feasts):
            if day >= local_date(since, p.zone) and _closes(p, n, day) > p.counts_from:
                yield feast, day
                if day > p.today:
                    return


def _closes(p: ProjectFacts, n: BroadcastNumbers, day: date) -> datetime:
    return at(day, n.greeting_hours[1], p.zone)
