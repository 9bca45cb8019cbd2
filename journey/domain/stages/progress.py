"""Progress of the works for late buyers: one summary in place of the news that went out before they signed (C6)."""

from journey.domain.asking import message
from journey.domain.entries import WENT_OUT, State
from journey.domain.facts import Facts
from journey.domain.news import News
from journey.domain.numbers.broadcast import BroadcastNumbers
from journey.domain.rules import Items, rule
from journey.domain.values import MessageClass

NEWS = "project.milestone-news/"
_TOLD = WENT_OUT | {State.MERGED}


@rule("pre-handover.progress-summary", zh="工程进度汇总", asks="A430 C6", since="2026.2", section="broadcast")
def progress_summary(j: Facts, n: BroadcastNumbers) -> Items:
    """Who buys after milestones were told gets them in one message, and every later one as news."""
    if j.contract is None or j.keys:
        return
    missed = [news for news in j.news if _went_before(j, news)]
    heard = _heard(j) if missed else frozenset()
    milestones = [milestone for news in missed for milestone in news.milestones if milestone not in heard]
    if milestones:
        last = j.after(j.contract, n.progress_summary.within)
        yield message(
            j.episode, j.contract, last, n.progress_summary.window, message_class=MessageClass.CONTRACT,
            params={"milestones": milestones},
        )  # fmt: skip


def _heard(j: Facts) -> frozenset[str]:
    """Milestones that messages to this home told, whatever became of the facts that the messages are named after."""
    gone = [entry for key, entry in j.record.entries.items() if key.startswith(NEWS) and entry.state in _TOLD]
    return frozenset(name for entry in gone if entry.item for name in entry.item["params"].get("milestones", ()))


def _went_before(j: Facts, news: News) -> bool:
    """News that concern the home and went out before the signing was known."""
    assert j.contract is not None  # asked for
    heard = any(key.startswith(NEWS) and key.endswith(news.first.anchor.event)
                for key in j.record.entries)  # fmt: skip
    return not heard and news.goes_at <= j.contract.known_at and news.begins < j.contract.on
