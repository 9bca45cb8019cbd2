"""Sending: decide and reserve, call the provider outside any lock, record (`kernel.md` §6)."""

import time
from datetime import UTC, datetime, timedelta

import structlog

from activities.courier import Courier, Outcome
from activities.site import Site, wanted
from activities.watching import Watch
from journey.adapters.channels import Channel, Gateway
from journey.contracts._implements import implements
from journey.contracts.performing import CHANGED, PERFORM, STALE, Perform, Performed, send_message
from journey.domain.entries import WENT_OUT, State
from journey.store import outbox, recipients, recording, reserving
from journey.store.outbox import Answered, Sending, Verdict
from journey.store.performing import Wanted

log = structlog.get_logger()
SPARE = timedelta(seconds=2)  # to record the answer after the provider's own timeout


class OutOfTime(Exception):
    """The attempt has less time left than the provider may take: nothing was called."""


class MessagingActivities:
    """Delivers a message to each recipient at most once per key."""

    def __init__(self, site: Site, gateway: Gateway) -> None:
        self._site = site
        self._courier = Courier(site, gateway)
        self._watch = Watch(site, self._courier)

    @implements(send_message)
    async def send(self, command: Perform) -> Performed:
        """Every attempt decides again for every recipient; the entry shows the lowest of their states.

        Where nothing reaches the first contact of a household any more, what is owed goes to the next owner.
        """
        started = time.monotonic()
        move = wanted(command, self._site)
        people = await self._site.store.write(recipients.recipients, move)
        if people is None:
            return Performed(outcome=STALE)
        found: dict[str, Verdict] = {}
        while asked := [person for person in people if person not in found]:
            for person in asked:
                verdict = await self._deliver(move, person, started)
                if verdict is None:
                    return Performed(outcome=STALE)
                found[person] = verdict
            if any(found[person].state is State.FAILED for person in asked):
                people = await self._site.store.write(recipients.recipients, move) or people
        verdicts = [found[person] for person in people]
        await self._site.store.write(outbox.settle, move, verdicts)
        return Performed(outcome=CHANGED, state=outbox.lowest_of(verdicts).state.value)

    async def _deliver(self, move: Wanted, person: str, started: float) -> Verdict | None:
        """One recipient; a channel that refuses for good is followed by the next one at once."""
        site, courier = self._site, self._courier
        while True:
            decided = await site.store.write(
                reserving.reserve, move, person, site.shelf, courier.carriers, courier.approving
            )
            if not isinstance(decided, Sending):
                if decided is not None and decided.state not in WENT_OUT:  # those were counted when they went
                    site.measures.sent("none", decided.state.value)
                return decided
            outcome = await self._through(decided, started)
            if outcome.row is not None:
                dead = decided if outcome.dead else None
                answer = Answered(decided.message, outcome.row, outcome.taken, outcome.reason, dead)
                await site.store.write(recording.record_answers, [answer], move.now, datetime.now(UTC))
            await self._watch.note([(decided, outcome)], move.now)
            site.measures.sent(decided.channel, outcome.state.value)
            if not outcome.another_way:
                until = outbox.waits_until(move.now, outcome.not_before)
                return Verdict(person, outcome.state, outcome.reason, until)

    async def _through(self, sending: Sending, started: float) -> Outcome:
        ready = self._courier.prepare(sending)
        if isinstance(ready, Outcome):
            return ready
        if not _enough_time(ready.channel, started):
            await self._site.store.write(outbox.not_called, sending.message)
            raise OutOfTime
        outcome = await self._courier.call(ready)
        if outcome.state in WENT_OUT:
            log.info("message.sent", message=sending.message, channel=sending.channel, template=sending.template)
        return outcome


def _enough_time(channel: Channel, started: float) -> bool:
    limit = PERFORM["start_to_close_timeout"]
    assert limit is not None  # set beside the contract
    return time.monotonic() - started + (channel.timeout + SPARE).total_seconds() <= limit.total_seconds()
