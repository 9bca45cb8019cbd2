"""News that comes late, and duties from before the journey's start."""

import pytest

from journey.domain.entries import State
from journey.domain.rules import RELEASES
from tests.lives import begin, item_of
from tests.records import instant, told

CALLBACK = "signing.service-callback/epi_1/once"
FILING = "signing.filing/epi_1/once"
WELCOME = "signing.keeper-welcome/epi_1/once"


def reason_of(life, key):  # type: ignore[no-untyped-def]
    entry = life.record.entries[key]
    return entry.state, entry.reason.code if entry.reason else None
