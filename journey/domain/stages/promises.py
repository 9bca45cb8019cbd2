"""Promises 承诺 made while selling, and later: each has a day and a post, and a broken one goes above sales (A012)."""

from journey.domain.asking import met_by, task
from journey.domain.facts import Facts
from journey.domain.numbers.signing import SigningNumbers
from journey.domain.promises import RULE, Fate, promises
from journey.domain.rules import Items, rule
from journey.domain.values import ROLES, Role


@rule(RULE, zh="兑现承诺", asks="A012", since="2026.2")
def promise(j: Facts, n: SigningNumbers) -> Items:
    """What was promised is kept by the agreed day; a promise of a call stays with the post that made it."""
    if n.promise is None:
        return
    for made in promises(j):
        if made.fate is not Fate.BROKEN:
            post = ROLES.get(j.record.roles.get(made.task, "")) if made.task else None
            yield task(
                j.episode, made.made, made.until or j.after(made.made, n.promise.within), n.promise,
                by=post or Role.SALES, occurrence=made.made.event, met=met_by(made.ended), params={"count": made.count},
            )  # fmt: skip


@rule("signing.promise-breach", zh="承诺未兑现处理", asks="A012", since="2026.2", after_closing=True)
def promise_breach(j: Facts, n: SigningNumbers) -> Items:
    """A promise was broken: the post above sales puts it right with the owner."""
    if n.promise_breach is None:
        return
    above = j.pack.posts[Role.SALES].escalates_to or Role.GENERAL_MANAGER
    for event in j.all("promise.breached"):
        broken = j.anchor(event)
        last = j.after(broken, n.promise_breach.within)
        yield task(j.episode, broken, last, n.promise_breach, by=above, occurrence=event.id)
