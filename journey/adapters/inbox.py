"""The in-app inbox 站内信: a message lies in the owner's inbox, where an app or mini-program finds it."""

from datetime import timedelta
from typing import Final

from journey.adapters.channels import Delivery, Outgoing, PermanentFailure, TemporaryFailure
from journey.ports import InboxAway, OwnerInbox

TIMEOUT: Final = timedelta(seconds=5)


class InboxChannel:
    """Lays messages into inboxes. A repeated key is the same message, which lies there once."""

    name = "inbox"
    provider = "inbox"
    needs_template = False
    takes_keys = True
    timeout = TIMEOUT

    def __init__(self, inbox: OwnerInbox) -> None:
        self._inbox = inbox

    async def deliver(self, outgoing: Outgoing) -> Delivery:
        """Lay it there: then it has arrived, whether or not somebody looks."""
        try:
            known = await self._inbox.put(outgoing.message_id, subject=outgoing.subject, text=outgoing.body)
        except InboxAway:
            raise TemporaryFailure("unreachable") from None
        if not known:
            raise PermanentFailure("bad-recipient")
        return Delivery(state="delivered", provider_id=outgoing.message_id)
