"""Title certificate 产证: started at handover, followed up, owed by the law's day (A049)."""

from dataclasses import replace
from datetime import timedelta

from journey.domain.asking import deadline, met_by, task
from journey.domain.facts import Facts
from journey.domain.items import Late, key_of
from journey.domain.numbers.handover import HandoverNumbers
from journey.domain.rules import Items, rule
from journey.domain.values import Role

DAY = timedelta(days=1)


@rule("handover.title", zh="办理产证", asks="A049 C1", since="2026.1")
def title(j: Facts, n: HandoverNumbers) -> Items:
    """The certificate is issued within 90 days of the handover: 城市房地产开发经营管理条例 art. 32."""
    if j.keys:
        yield task(
            j.episode, j.keys, j.after(j.keys, n.title.within), n.title, by=Role.FINANCE, statutory=True,
            met=met_by(j.first("title.issued")),
        )  # fmt: skip


@rule("handover.title-follow-up", zh="产证办理跟进", asks="A049 C1", since="2026.1")
def follow_up(j: Facts, n: HandoverNumbers) -> Items:
    """The progress of the certificate is looked after at 30, 60 and 75 days, until it is issued.

    One that an outage of ours delayed until the next is nearer is carried by it.
    """
    if j.keys:
        for rung in n.title_follow_ups:
            yield task(
                j.episode, j.keys, j.after(j.keys, rung), n.title_follow_up, by=Role.FINANCE, occurrence=rung.label,
                late=Late.MERGE, met=met_by(j.first("title.issued")),
            )  # fmt: skip


@rule("handover.title-rescission-possible", zh="产证逾期一年解除风险", asks="A049 C1", since="2026.1")
def rescission_possible(j: Facts, n: HandoverNumbers) -> Items:
    """A year after the law's day the buyer may rescind when the delay is ours (解释 art. 14–15): a person judges it."""
    if j.keys is None or j.first("title.issued") or j.reported_done(key_of("handover.title", j.episode, "once")):
        return
    owed = j.rolled(j.keys.on, n.title.within)
    if j.begun(owed + DAY):
        late = replace(j.keys, on=owed, at=j.begins(owed + DAY), known_at=max(j.keys.known_at, j.begins(owed)))
        first = j.rolled(owed, n.title_overdue.within) + DAY
        yield deadline(j.episode, late, j.opening_of(first), n.title_overdue, by=Role.LEGAL)
