"""Opaque, permanent ids: never from a sequence, never reused."""

import secrets
import threading
import time

from journey.domain.references import ALPHABET, LENGTH, with_check

_lock = threading.Lock()
_last = 0


def new_id(prefix: str) -> str:
    """`jrn_…`: 80 random bits in lower-case hex."""
    return f"{prefix}_{secrets.token_hex(10)}"


def new_reference() -> str:
    """The reference of a letter: 45 random bits."""
    return with_check("".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1)))


def new_event_id() -> str:
    """`evt_…`: microseconds of real time, then 28 random bits. Ids of one process rise.

    What is told at one and the same instant (a start with its facts, a simulated clock that stands still) is folded in
    the order of the ids (`kernel.md` §3): so it is folded in the order in which it was told.
    """
    global _last
    with _lock:
        _last = max(_last + 1, time.time_ns() // 1000)
        return f"evt_{_last:013x}{secrets.token_hex(4)[:7]}"
