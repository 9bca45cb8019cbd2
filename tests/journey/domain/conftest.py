"""Rules that only one test knows."""

from collections.abc import Iterator

import pytest

from journey.domain.rules import RELEASES, RULES, Rule


@pytest.fixture
def rules() -> Iterator[dict[str, Rule]]:
    """The register of rules; what a test adds or takes away is undone after it."""
    known, releases = dict(RULES), dict(RELEASES)
    yield RULES
    RULES.clear()
    RULES.update(known)
    RELEASES.clear()
    RELEASES.update(releases)
