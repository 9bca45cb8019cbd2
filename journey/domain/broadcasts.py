"""The life of a broadcast: its states, the orders that move it from one to the next, and who may let it go."""

from enum import StrEnum

from journey.domain.values import Labelled


class BroadcastState(Labelled):
    """How far a broadcast has come."""

    DRAFT = "draft", "待批准", "Waits for a second person"
    REJECTED = "rejected", "已驳回", "Rejected"
    RUNNING = "running", "进行中", "Running"
    PAUSED = "paused", "已暂停", "Paused"
    CANCELLING = "cancelling", "取消中", "Being cancelled"
    CANCELLED = "cancelled", "已取消", "Cancelled"
    CLOSED = "closed", "已结束", "Closed"


class BroadcastOrder(StrEnum):
    """What a person may have done to a broadcast."""

    APPROVE = "approve"
    REJECT = "reject"
    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    RATE = "rate"


_S = BroadcastState
BUSY = frozenset({_S.RUNNING, _S.CANCELLING})  # a workflow has pages to take
LIVE = BUSY | {_S.PAUSED}  # it was let go, and is not over
OVER = frozenset({_S.CLOSED, _S.CANCELLED, _S.REJECTED})
_MOVES = {
    BroadcastOrder.APPROVE: {_S.DRAFT: _S.RUNNING},
    BroadcastOrder.REJECT: {_S.DRAFT: _S.REJECTED},
    BroadcastOrder.PAUSE: {_S.RUNNING: _S.PAUSED},
    BroadcastOrder.RESUME: {_S.PAUSED: _S.RUNNING},
    BroadcastOrder.CANCEL: {_S.DRAFT: _S.CANCELLED, _S.RUNNING: _S.CANCELLING, _S.PAUSED: _S.CANCELLING},
    BroadcastOrder.RATE: {_S.DRAFT: _S.DRAFT, _S.RUNNING: _S.RUNNING, _S.PAUSED: _S.PAUSED},
}
# Ordered again, an order that has been followed changes nothing.
_FOLLOWED = {
    BroadcastOrder.REJECT: {_S.REJECTED},
    BroadcastOrder.PAUSE: {_S.PAUSED},
    BroadcastOrder.RESUME: {_S.RUNNING},
    BroadcastOrder.CANCEL: {_S.CANCELLING, _S.CANCELLED},
}


def after(state: str, order: BroadcastOrder) -> BroadcastState | None:
    """The state that an order leads to: the same when it was followed before; None where it cannot be followed."""
    now = BroadcastState(state)
    if now in _FOLLOWED.get(order, ()):
        return now
    return _MOVES[order].get(now)


def same_person(author: str, asked_by: str, key: str, by: str | None) -> bool:
    """Whether who lets a broadcast go may be its author: the same key whatever it says, or the same name.

    `author` and `key` are API keys, `asked_by` and `by` the persons whom they say that they acted for: a name is only
    a word, a key is held by somebody.
    """
    return key == author or (by is not None and by.casefold() == asked_by.casefold())
