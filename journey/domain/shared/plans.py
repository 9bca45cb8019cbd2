"""The plan of a project or a batch: the same kernel as a journey's, with their own rules and their own end."""

from datetime import datetime

from journey.domain.agendas import AgendaKind
from journey.domain.clocks import local_date
from journey.domain.derived import put_right
from journey.domain.planner import Plan, gather, work_out
from journey.domain.record import SharedRecord
from journey.domain.shared.facts import shared_facts
from journey.domain.stages import RULE_FILES
from journey.domain.values import JourneyStatus

LOADED = RULE_FILES  # importing them registers the rules


def plan_shared(record: SharedRecord, now: datetime) -> Plan:
    """Plan a project or a batch as of `now`. Verdicts on its events are the door's, which judges them as they come."""
    version = record.packs.on(local_date(now, record.zone))
    facts = shared_facts(record, version.pack, now)
    facts.put_right = put_right(facts)
    worked = work_out(facts)
    over = facts.kind is AgendaKind.BATCH and facts.over and not worked.busy and facts.judged.waits_until is None
    return gather(
        facts,
        worked,
        version.hash,
        opinions={},
        stage=facts.stage,
        status=JourneyStatus.ACTIVE,
        over=over,
        wakes=facts.look_again(),
    )
