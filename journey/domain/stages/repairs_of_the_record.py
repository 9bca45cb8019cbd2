"""The kernel's own rules: putting right what went out on a withdrawn fact, and facts that came to contradict."""

from dataclasses import replace

from journey.domain.asking import task
from journey.domain.clocks import local_date
from journey.domain.facts import Facts
from journey.domain.numbers.kernel import KernelNumbers
from journey.domain.rules import Items, rule
from journey.domain.values import Role


@rule("kernel.put-right", zh="更正已发出的告知", since="2026.1")
def put_right(j: Facts, n: KernelNumbers) -> Items:
    """Something went out on a fact that was voided or corrected: a person puts it right with the owner."""
    for event in j.judged.events:
        keys = j.put_right.get(event.id)
        if keys:
            anchor = j.anchor(event)
            yield task(
                j.episode, anchor, j.after(anchor, n.put_right.within), n.put_right, by=Role.KEEPER,
                occurrence=event.id, params={"keys": list(keys)},
            )  # fmt: skip


@rule("kernel.contradiction", zh="核对相互矛盾的事实", since="2026.1")
def contradiction(j: Facts, n: KernelNumbers) -> Items:
    """A fact that had been applied is contradicted by later news: a person finds out which one is true."""
    for event in j.judged.events:
        since = j.contradicted.get(event.id)
        if since is not None:
            anchor = replace(j.anchor(event), on=local_date(since, j.zone), known_at=since)
            yield task(
                j.episode, anchor, j.after(anchor, n.contradiction.within), n.contradiction, by=Role.PROJECT_CS,
                occurrence=event.id, params={"event": event.id},
            )  # fmt: skip
